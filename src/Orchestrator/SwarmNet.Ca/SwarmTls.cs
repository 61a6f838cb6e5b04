using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using SwarmNet.Grpc;

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
    public static void UseSwarmTls(this ListenOptions listen, Func<NodeCertificate> current)
    {
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = TimeSpan.FromSeconds(10),
            OnConnection = _ => ValueTask.FromResult(ServerOptions(current())),
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

            return next(connection);
        });
    }

    /// <summary>The options of one incoming connection.</summary>
    public static SslServerAuthenticationOptions ServerOptions(NodeCertificate own) => new()
    {
        ServerCertificateContext = own.Context,
        EnabledSslProtocols = Protocols,

        // "Required" only asks; the callback makes it optional. A joining node has none yet.
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is null || errors == SslPolicyErrors.None,
        CertificateChainPolicy = own.Root.CreatePolicy(),
        ApplicationProtocols = [SslApplicationProtocol.Http2],
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
        string address, string serverName, TrustRoot? root, NodeCertificate? own, CancellationToken cancellationToken)
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
                await tls.AuthenticateAsClientAsync(ClientOptions(serverName, root, own, refusal => reason = refusal), cancellationToken);
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

    /// <summary>A channel to a manager; see <see cref="ConnectAsync"/> for the arguments.</summary>
    public static GrpcChannel Channel(string address, string serverName, TrustRoot? root, NodeCertificate? own) => new(new GrpcChannelOptions
    {
        Connect = cancellationToken => ConnectAsync(address, serverName, root, own, cancellationToken),
        Authority = serverName,
    });

    private static SslClientAuthenticationOptions ClientOptions(string serverName, TrustRoot? root, NodeCertificate? own, Action<string> refused) => new()
    {
        TargetHost = serverName,
        EnabledSslProtocols = Protocols,
        ClientCertificateContext = own?.Context,
        CertificateChainPolicy = root?.CreatePolicy(),
        ApplicationProtocols = [SslApplicationProtocol.Http2],
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
