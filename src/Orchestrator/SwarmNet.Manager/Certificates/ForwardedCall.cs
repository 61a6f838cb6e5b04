using System.Net;
using Microsoft.AspNetCore.Http;
using SwarmNet.Ca;
using SwarmNet.Grpc;

namespace SwarmNet.Manager.Certificates;

/// <summary>
/// Who called, for a request that one manager passes on to another: in a header that only managers of the swarm may send. As text
/// <c>cluster;role;node;address:port</c>, the first three empty for a caller without a certificate.
/// </summary>
/// <param name="Caller">The caller's certificate's subject; null without one.</param>
/// <param name="Address">Where the call came from.</param>
internal sealed record ForwardedCall(PeerIdentity? Caller, IPEndPoint Address)
{
    public const string Header = "swarmnet-forwarded";

    /// <summary>The header for a request that came to this manager's port.</summary>
    public static string Of(HttpContext http)
    {
        var caller = http.Features.Get<PeerIdentity>();
        var address = http.Connection.RemoteIpAddress is { } ip ? new IPEndPoint(ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip, http.Connection.RemotePort) : null;
        return $"{caller?.ClusterId};{caller?.Role};{caller?.NodeId};{address ?? new IPEndPoint(IPAddress.None, 0)}";
    }

    /// <summary>Null for a text that is none.</summary>
    public static ForwardedCall? Parse(string? text)
    {
        if (text?.Split(';') is not [var cluster, var role, var node, var address] || !IPEndPoint.TryParse(address, out var endPoint))
        {
            return null;
        }

        return new ForwardedCall(node.Length > 0 ? new PeerIdentity(cluster, role, node) : null, endPoint);
    }
}
