using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace SwarmNet.Grpc;

/// <summary>Peers that speak HTTP/2 over TLS without saying so.</summary>
public static class AlpnExtensions
{
    /// <summary>
    /// Takes a TLS connection without ALPN for HTTP/2. Go programs built on grpc-go drop ALPN when they reload their credentials, and Kestrel
    /// would refuse them: "HTTP/2 over TLS was not negotiated". Call it after <c>UseHttps</c>.
    /// </summary>
    public static void UseHttp2WithoutAlpn(this ListenOptions listen) => listen.Use(next => connection =>
    {
        if (connection.Features.Get<ITlsApplicationProtocolFeature>() is { ApplicationProtocol.IsEmpty: true })
        {
            connection.Features.Set<ITlsApplicationProtocolFeature>(AssumedHttp2.Instance);
        }

        return next(connection);
    });

    private sealed class AssumedHttp2 : ITlsApplicationProtocolFeature
    {
        public static AssumedHttp2 Instance { get; } = new();

        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = SslApplicationProtocol.Http2.Protocol;
    }
}
