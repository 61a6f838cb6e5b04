using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using SwarmNet.Grpc;
using SwarmNet.Protocol;

namespace SwarmNet.Ca;

/// <summary>Mutual TLS as a swarm does it: names are roles, addresses are never checked, one root, client certificates asked for and decided per method.</summary>
public static class SwarmTls
{
    private const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>
    /// Serves TLS on a listener with whatever <paramref name="current"/> returns when a connection comes, so certificates change without a
    /// restart. A verified client certificate becomes the connection's <see cref="PeerIdentity"/> feature; a client without one is let in,
    /// a client with one that does not verify is not.
    /// </summary>
    /// <param name="listen">The listener.</param>
    /// <param name="current">This node's certificate.</param>
    /// <param name="protocols">Protocols other than HTTP/2, by their ALPN names (RFC 7301): who serves a connection that negotiated one.</param>
    public static void UseSwarmTls(
        this ListenOptions listen, Func<NodeCertificate> current, IReadOnlyDictionary<string, ConnectionDelegate>? protocols = null)
    {
        List<SslApplicationProtocol> names = [SslApplicationProtocol.Http2, .. (protocols?.Keys ?? []).Select(name => new SslApplicationProtocol(name))];
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = TimeSpan.FromSeconds(10),
            OnConnection = _ => ValueTask.FromResult(ServerOptions(current(), names)),
        });
        listen.UseHttp2WithoutAlpn();
        listen.Use(next => connection =>
        {
            // Parsed once per connection; methods look only at the feature.
            if (connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate is { } certificate)
            {
                if (!PeerIdentity.TryParse(certificate, out var identity))
                {
                    connection.Abort(new ConnectionAbortedException("The client's certificate names no node."));
                    return Task.CompletedTask;
                }

                connection.Features.Set(identity);
            }

            var protocol = connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol ?? default;
            return protocols is not null && protocols.TryGetValue(Encoding.ASCII.GetString(protocol.Span), out var serve)
                ? serve(connection)
                : next(connection);
        });
    }

    /// <summary>The options of one incoming connection.</summary>
    private static SslServerAuthenticationOptions ServerOptions(NodeCertificate own, List<SslApplicationProtocol> protocols) => new()
    {
        ServerCertificateContext = own.Context,
        EnabledSslProtocols = Protocols,

        // "Required" only asks; the callback makes it optional. A joining node has none yet.
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is null || errors == SslPolicyErrors.None,
        CertificateChainPolicy = own.Root.CreatePolicy(),
        ApplicationProtocols = protocols,
        AllowTlsResume = false,
    };

    /// <summary>
    /// Connects and authenticates. Throws <see cref="IOException"/> or <see cref="SocketException"/> when there is no connection,
    /// <see cref="AuthenticationException"/> with the reason when the peer is not who it should be.
    /// </summary>
    /// <param name="address">host:port.</param>
    /// <param name="serverName">The name that the peer's certificate must carry: <c>swarm-manager</c> or <c>swarm-ca</c>.</param>
    /// <param name="root">What to trust; null trusts anybody (only to fetch the root, whose digest is checked then).</param>
    /// <param name="own">Our certificate; null shows none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<Stream> ConnectAsync(
        string address, string serverName, TrustRoot? root, NodeCertificate? own, CancellationToken cancellationToken) =>
        await ConnectAsync(address, serverName, root, own, SslApplicationProtocol.Http2, cancellationToken);

    /// <summary>
    /// Connects to one certain manager for a protocol other than HTTP/2. Throws as <see cref="ConnectAsync(string, string, TrustRoot?,
    /// NodeCertificate?, CancellationToken)"/>, and <see cref="AuthenticationException"/> when another node answers, or one that does not speak it.
    /// </summary>
    /// <param name="address">host:port.</param>
    /// <param name="nodeId">The node that must answer.</param>
    /// <param name="own">Our certificate, and the root to trust.</param>
    /// <param name="protocol">ALPN name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<Stream> ConnectAsync(
        string address, string nodeId, NodeCertificate own, string protocol, CancellationToken cancellationToken)
    {
        var tls = await ConnectAsync(address, SwarmRoles.Manager, own.Root, own, new SslApplicationProtocol(protocol), cancellationToken);
        var refusal = tls.RemoteCertificate is not X509Certificate2 certificate || !PeerIdentity.TryParse(certificate, out var peer)
            ? "The manager's certificate names no node."
            : peer.NodeId != nodeId || peer.ClusterId != own.Identity.ClusterId ? $"At {address} answers node {peer.NodeId} of swarm {peer.ClusterId}, not node {nodeId}."
            : tls.NegotiatedApplicationProtocol != new SslApplicationProtocol(protocol) ? $"The manager at {address} does not speak {protocol}."
            : null;
        if (refusal is null)
        {
            return tls;
        }

        await tls.DisposeAsync();
        throw new AuthenticationException(refusal);
    }

    private static async ValueTask<SslStream> ConnectAsync(
        string address,
        string serverName,
        TrustRoot? root,
        NodeCertificate? own,
        SslApplicationProtocol protocol,
        CancellationToken cancellationToken)
    {
        var (host, port) = ManagerAddress.Split(address);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken);
            var tls = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
            string? reason = null;
            try
            {
                await tls.AuthenticateAsClientAsync(ClientOptions(serverName, root, own, protocol, refusal => reason = refusal), cancellationToken);
                return tls;
            }
            catch (AuthenticationException failure) when (reason is not null)
            {
                await tls.DisposeAsync();
                throw new AuthenticationException(reason, failure);
            }
            catch
            {
                await tls.DisposeAsync();
                throw;
            }
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A channel to a manager; see the other for the arguments.</summary>
    public static GrpcChannel Channel(string address, string serverName, TrustRoot? root, NodeCertificate? own) => new(new GrpcChannelOptions
    {
        Connect = cancellationToken => ConnectAsync(address, serverName, root, own, cancellationToken),
        Authority = serverName,
    });

    private static SslClientAuthenticationOptions ClientOptions(
        string serverName, TrustRoot? root, NodeCertificate? own, SslApplicationProtocol protocol, Action<string> refused) => new()
        {
            TargetHost = serverName,
            EnabledSslProtocols = Protocols,
            ClientCertificateContext = own?.Context,
            CertificateChainPolicy = root?.CreatePolicy(),
            ApplicationProtocols = [protocol],
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                if (root is null || errors == SslPolicyErrors.None)
                {
                    return true;
                }

                refused(Reason(certificate as X509Certificate2, chain, errors, serverName));
                return false;
            },
        };

    // Go's sentences, which is what administrators of swarms find in their search engines.
    private static string Reason(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, string serverName)
    {
        if (certificate is null)
        {
            return "The manager shows no certificate.";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return chain?.ChainStatus.Any(status => status.Status == X509ChainStatusFlags.NotTimeValid) == true
                ? "x509: certificate has expired or is not yet valid"
                : "x509: certificate signed by unknown authority";
        }

        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames());
        return $"x509: certificate is valid for {string.Join(", ", names)}, not {serverName}";
    }
}
