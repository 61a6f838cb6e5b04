using System.Net;
using SwarmNet.Ca;
using SwarmNet.Grpc;

namespace SwarmNet.Manager.Certificates;

/// <summary>Who a call is from, also when another manager passed it on.</summary>
internal static class CallerExtensions
{
    /// <summary>The subject of the caller's certificate; null without one.</summary>
    public static PeerIdentity? Caller(this ServerCallContext call) =>
        call.Feature<ForwardedCall>() is { } forwarded ? forwarded.Caller : call.Feature<PeerIdentity>();

    /// <summary>Where it came from; null in tests without a socket.</summary>
    public static IPEndPoint? CallerAddress(this ServerCallContext call) => call.Feature<ForwardedCall>()?.Address ?? call.Peer;
}
