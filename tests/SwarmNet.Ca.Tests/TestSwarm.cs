using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SwarmNet.Grpc;
using SwarmNet.Protocol;

namespace SwarmNet.Ca;

/// <summary>A root and, on 127.0.0.1, a listener with a manager's certificate.</summary>
internal sealed class TestSwarm : IAsyncDisposable
{
    public const string ClusterId = "cluster0000000000000000000";

    private TestSwarm(RootCa ca, GrpcServer server)
    {
        Ca = ca;
        Server = server;
        Root = TrustRoot.Parse(ca.CertificatePem.Span);
        Manager = Issue(SwarmRoles.Manager, "manager0");
    }

    public RootCa Ca { get; }

    public GrpcServer Server { get; }

    public TrustRoot Root { get; }

    public NodeCertificate Manager { get; set; }

    public GrpcListener Listener { get; private set; } = null!;

    public string Address => Listener.LocalEndPoint.ToString();

    public static async Task<TestSwarm> StartAsync(Action<GrpcServer, TestSwarm> map)
    {
        var swarm = new TestSwarm(RootCa.Create(DateTimeOffset.UtcNow), new GrpcServer());
        map(swarm.Server, swarm);
        swarm.Listener = await GrpcListener.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), swarm.Server, listen => listen.UseSwarmTls(() => swarm.Manager), null, default);
        return swarm;
    }

    public NodeCertificate Issue(string role, string nodeId, DateTimeOffset? now = null, RootCa? by = null)
    {
        var request = CertificateSigningRequest.Create();
        var ca = by ?? Ca;
        var pem = ca.Sign(request.Pem.Span, new PeerIdentity(ClusterId, role, nodeId), RootCa.DefaultNodeValidity, now ?? DateTimeOffset.UtcNow);
        return NodeCertificate.Create(pem, request.KeyPem.Span, TrustRoot.Parse(ca.CertificatePem.Span), requireValidNow: false);
    }

    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        Server.Dispose();
        Ca.Dispose();
    }
}
