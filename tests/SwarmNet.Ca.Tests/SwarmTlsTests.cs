using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using SwarmNet.Grpc;
using SwarmNet.Protocol;

namespace SwarmNet.Ca;

[CancelAfter(20_000)]
public sealed class SwarmTlsTests
{
    [Test]
    public async Task The_server_sees_who_calls(CancellationToken cancellationToken)
    {
        await using var swarm = await StartAsync();
        var worker = swarm.Issue(SwarmRoles.Worker, "worker1");
        using var known = SwarmTls.Channel(swarm.Address, SwarmRoles.Manager, swarm.Root, worker);
        using var unknown = SwarmTls.Channel(swarm.Address, SwarmRoles.CA, swarm.Root, own: null);
        Assert.That(await WhoAsync(known, cancellationToken), Is.EqualTo($"{TestSwarm.ClusterId}/swarm-worker/worker1"));
        Assert.That(await WhoAsync(unknown, cancellationToken), Is.EqualTo("nobody"));
    }

    [Test]
    public async Task A_certificate_of_another_swarm_is_no_certificate_at_all(CancellationToken cancellationToken)
    {
        await using var swarm = await StartAsync();
        using var other = RootCa.Create(DateTimeOffset.UtcNow);
        using var channel = SwarmTls.Channel(swarm.Address, SwarmRoles.Manager, swarm.Root, swarm.Issue(SwarmRoles.Manager, "intruder", by: other));
        var failure = await Assert.ThrowsAsync<RpcException>(() => WhoAsync(channel, cancellationToken));
        Assert.That(failure!.Code, Is.EqualTo(StatusCode.Unavailable));
    }

    [Test]
    public async Task An_expired_certificate_fails_the_handshake(CancellationToken cancellationToken)
    {
        await using var swarm = await StartAsync();
        var expired = swarm.Issue(SwarmRoles.Worker, "worker1", DateTimeOffset.UtcNow.AddDays(-91));
        using var channel = SwarmTls.Channel(swarm.Address, SwarmRoles.Manager, swarm.Root, expired);
        await Assert.ThrowsAsync<RpcException>(() => WhoAsync(channel, cancellationToken));
    }

    [Test]
    public async Task Clients_check_the_role_name_and_the_root(CancellationToken cancellationToken)
    {
        await using var swarm = await StartAsync();
        using var other = RootCa.Create(DateTimeOffset.UtcNow);
        using var wrongRoot = SwarmTls.Channel(swarm.Address, SwarmRoles.Manager, TrustRoot.Parse(other.CertificatePem.Span), own: null);
        var failure = await Assert.ThrowsAsync<RpcException>(() => WhoAsync(wrongRoot, cancellationToken));
        Assert.That(failure!.Message, Is.EqualTo("x509: certificate signed by unknown authority"));

        // A worker that listens on 2377 is no manager.
        swarm.Manager = swarm.Issue(SwarmRoles.Worker, "worker1");
        using var channel = SwarmTls.Channel(swarm.Address, SwarmRoles.Manager, swarm.Root, own: null);
        failure = await Assert.ThrowsAsync<RpcException>(() => WhoAsync(channel, cancellationToken));
        Assert.That(failure!.Message, Is.EqualTo("x509: certificate is valid for swarm-worker, worker1, not swarm-manager"));
    }

    [Test]
    public async Task The_servers_certificate_changes_without_a_restart(CancellationToken cancellationToken)
    {
        await using var swarm = await StartAsync();
        Assert.That(await PresentedAsync(), Is.EqualTo(swarm.Manager.Certificate.Thumbprint));
        swarm.Manager = swarm.Issue(SwarmRoles.Manager, "manager0");
        Assert.That(await PresentedAsync(), Is.EqualTo(swarm.Manager.Certificate.Thumbprint));

        async Task<string> PresentedAsync()
        {
            await using var stream = (SslStream)await SwarmTls.ConnectAsync(swarm.Address, SwarmRoles.Manager, swarm.Root, null, cancellationToken);
            return ((System.Security.Cryptography.X509Certificates.X509Certificate2)stream.RemoteCertificate!).Thumbprint;
        }
    }

    // grpc-go drops ALPN when it reloads its credentials, which is weeks after a join.
    [Test]
    public async Task A_client_without_ALPN_is_served(CancellationToken cancellationToken)
    {
        await using var swarm = await StartAsync();
        var worker = swarm.Issue(SwarmRoles.Worker, "worker1");
        var negotiated = "";
        using var channel = new GrpcChannel(new GrpcChannelOptions
        {
            Connect = async dialled =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(swarm.Listener.LocalEndPoint, dialled);
                var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
                await tls.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = SwarmRoles.Manager,
                        ClientCertificateContext = worker.Context,
                        CertificateChainPolicy = swarm.Root.CreatePolicy(),
                    },
                    dialled);
                negotiated = tls.NegotiatedApplicationProtocol.ToString();
                return tls;
            },
        });
        Assert.That(await WhoAsync(channel, cancellationToken), Does.EndWith("/worker1"));
        Assert.That(negotiated, Is.Empty);
    }

    [Test]
    public async Task TLS_1_1_is_refused(CancellationToken cancellationToken)
    {
        await using var swarm = await StartAsync();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(swarm.Listener.LocalEndPoint, cancellationToken);
        await using var tls = new SslStream(new NetworkStream(socket));
#pragma warning disable SYSLIB0039, CA5397 // the old version is the point
        var options = new SslClientAuthenticationOptions { TargetHost = SwarmRoles.Manager, EnabledSslProtocols = SslProtocols.Tls11 };
#pragma warning restore SYSLIB0039, CA5397
        await Assert.ThrowsAsync(Is.InstanceOf<AuthenticationException>().Or.InstanceOf<IOException>(), () => tls.AuthenticateAsClientAsync(options, cancellationToken));
    }

    [TestCase("10.0.0.1:2377", "10.0.0.1", 2377)]
    [TestCase("10.0.0.1", "10.0.0.1", 2377)]
    [TestCase("manager.example:4000", "manager.example", 4000)]
    [TestCase("[fd00::1]:4000", "fd00::1", 4000)]
    [TestCase("[fd00::1]", "fd00::1", 2377)]
    [TestCase("fd00::1", "fd00::1", 2377)]
    public void Addresses_of_managers(string text, string host, int port) => Assert.That(ManagerAddress.Split(text), Is.EqualTo((host, port)));

    private static Task<TestSwarm> StartAsync() => TestSwarm.StartAsync((server, _) => server.MapUnary(SwarmKitMethods.GetUnlockKey, (_, call) =>
    {
        var peer = call.Feature<PeerIdentity>();
        var who = peer is null ? "nobody" : $"{peer.ClusterId}/{peer.Role}/{peer.NodeId}";
        return Task.FromResult(new GetUnlockKeyResponse { UnlockKey = Google.Protobuf.ByteString.CopyFromUtf8(who) });
    }));

    private static async Task<string> WhoAsync(GrpcChannel channel, CancellationToken cancellationToken)
        => (await channel.UnaryAsync(SwarmKitMethods.GetUnlockKey, new GetUnlockKeyRequest(), default, cancellationToken)).UnlockKey.ToStringUtf8();
}
