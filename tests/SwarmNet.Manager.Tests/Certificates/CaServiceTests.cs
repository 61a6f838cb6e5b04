using Google.Protobuf;
using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Manager.Dispatcher;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Certificates;

/// <summary>The real joiner against the real authority.</summary>
[CancelAfter(30_000)]
public sealed class CaServiceTests
{
    private readonly CaClient _client = new(TimeProvider.System, new Random(1));

    [Test]
    public async Task Joining_as_a_worker(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        var certificate = await _client.JoinAsync([manager.Address], manager.WorkerToken, NodeAvailability.Drain, cancellationToken);
        Assert.That(certificate.Identity.ClusterId, Is.EqualTo(TestManager.ClusterId));
        Assert.That(certificate.Identity.Role, Is.EqualTo(SwarmRoles.Worker));
        var node = manager.Store.View.Nodes.Get(certificate.Identity.NodeId)!;
        Assert.That(node.Role, Is.EqualTo(NodeRole.Worker));
        Assert.That(node.Spec.Availability, Is.EqualTo(NodeAvailability.Drain));
        Assert.That(node.Spec.Membership, Is.EqualTo(NodeMembership.Accepted));
        Assert.That(node.Certificate.Certificate_.Span.SequenceEqual(certificate.Pem.Span));
        Assert.That(node.Certificate.Status.State, Is.EqualTo(IssuanceStatus.Types.State.IssuanceIssued));
        Assert.That(node.VxlanUdpPort, Is.EqualTo(4789));

        using var channel = manager.Channel(certificate);
        await using var session = channel.ServerStreaming(SwarmKitMethods.Session, new SessionRequest(), default, cancellationToken);
        Assert.That((await session.ReadAsync(cancellationToken))!.Node.Id, Is.EqualTo(node.Id));
    }

    [Test]
    public async Task The_root_is_served_byte_for_byte_and_the_request_echoed(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        using var channel = manager.Channel(null);
        var root = await channel.UnaryAsync(SwarmKitMethods.GetRootCACertificate, new GetRootCACertificateRequest(), default, cancellationToken);
        Assert.That(manager.WorkerToken.Matches(root.Certificate.Span));

        // Bytes that no re-encoder would keep: text before the PEM, and no final newline.
        var csr = ByteString.CopyFromUtf8("a remark\n" + System.Text.Encoding.ASCII.GetString(CertificateSigningRequest.Create().Pem.Span).TrimEnd());
        var issued = await channel.UnaryAsync(
            SwarmKitMethods.IssueNodeCertificate, new IssueNodeCertificateRequest { Csr = csr, Token = manager.WorkerToken.ToString() }, default, cancellationToken);
        Assert.That(issued.NodeMembership, Is.EqualTo(NodeMembership.Accepted));
        var status = await channel.UnaryAsync(
            SwarmKitMethods.NodeCertificateStatus, new NodeCertificateStatusRequest { NodeId = issued.NodeId }, default, cancellationToken);
        Assert.That(status.Certificate.Csr, Is.EqualTo(csr));
        Assert.That(status.Status.State, Is.EqualTo(IssuanceStatus.Types.State.IssuanceIssued));
        Assert.That(status.Certificate.Cn, Is.EqualTo(issued.NodeId));
    }

    [Test]
    public async Task A_wrong_secret_is_refused_and_leaves_no_node(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        foreach (var token in new[] { "", "x", JoinToken.Create(manager.Ca.CertificatePem.Span).ToString() })
        {
            var refusal = await IssueAsync(manager, token, cancellationToken);
            Assert.That(refusal, Is.EqualTo(new GrpcStatus(StatusCode.InvalidArgument, "A valid join token is necessary to join this cluster")));
        }

        Assert.That(manager.Store.View.Nodes.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task The_manager_token_makes_a_manager(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        using var channel = manager.Channel(null);
        var request = new IssueNodeCertificateRequest
        {
            Csr = ByteString.CopyFrom(CertificateSigningRequest.Create().Pem.Span),
            Token = manager.ManagerToken.ToString(),
        };
        var issued = await channel.UnaryAsync(SwarmKitMethods.IssueNodeCertificate, request, default, cancellationToken);
        var node = manager.Store.View.Nodes.Get(issued.NodeId)!;
        Assert.That((node.Role, node.Spec.DesiredRole), Is.EqualTo((NodeRole.Manager, NodeRole.Manager)));
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(node.Certificate.Certificate_.ToStringUtf8());
        Assert.That(PeerIdentity.TryParse(certificate, out var identity), Is.True);
        Assert.That(identity!.Role, Is.EqualTo(SwarmRoles.Manager));
    }

    [Test]
    public async Task A_stock_manager_is_refused_with_a_sentence(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        await manager.CreateAsync(TestManager.Node("stock", NodeRole.Manager));
        using var channel = manager.Channel(manager.Issue(SwarmRoles.Manager, "stock"));
        var refusal = await Assert.ThrowsAsync<RpcException>(
            () => channel.UnaryAsync(SwarmKitMethods.RaftJoin, new RaftJoinRequest { Addr = "10.0.0.9:2377" }, default, cancellationToken));
        Assert.That(refusal!.Code, Is.EqualTo(StatusCode.FailedPrecondition));
        Assert.That(refusal.Message, Does.Contain("Stock engines can join this swarm as workers only"));
    }

    [Test]
    public async Task Renewing_keeps_the_node(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        var certificate = await _client.JoinAsync([manager.Address], manager.WorkerToken, NodeAvailability.Active, cancellationToken);
        var renewed = await _client.RenewAsync(certificate, [manager.Address], cancellationToken);
        Assert.That(renewed.Identity, Is.EqualTo(certificate.Identity));
        Assert.That(renewed.Certificate.SerialNumber, Is.Not.EqualTo(certificate.Certificate.SerialNumber));
        Assert.That(manager.Store.View.Nodes.Count, Is.EqualTo(2));
    }

    [Test]
    public async Task A_renewal_follows_the_nodes_role(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        var renewed = await _client.RenewAsync(manager.Certificate, [manager.Address], cancellationToken);
        Assert.That(renewed.Identity, Is.EqualTo(new PeerIdentity(TestManager.ClusterId, SwarmRoles.Manager, TestManager.ManagerId)));
    }

    [Test]
    public async Task Nodes_that_are_gone_or_of_another_swarm_do_not_renew(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        await manager.UpdateAsync(manager.Store.View.Cluster!, cluster => cluster.BlacklistedCertificates["removed"] = new BlacklistedCertificate());
        Assert.That((await RenewAsync(manager.Issue(SwarmRoles.Worker, "nobody"))).Code, Is.EqualTo(StatusCode.NotFound));
        Assert.That((await RenewAsync(manager.Issue(SwarmRoles.Worker, "removed"))).Code, Is.EqualTo(StatusCode.PermissionDenied));
        Assert.That((await RenewAsync(manager.Issue(SwarmRoles.Worker, TestManager.ManagerId, "another"))).Code, Is.EqualTo(StatusCode.PermissionDenied));

        async Task<GrpcStatus> RenewAsync(NodeCertificate certificate)
        {
            using var channel = manager.Channel(certificate);
            var request = new IssueNodeCertificateRequest { Csr = ByteString.CopyFrom(CertificateSigningRequest.Create().Pem.Span), Token = manager.WorkerToken.ToString() };
            var refusal = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(SwarmKitMethods.IssueNodeCertificate, request, default, cancellationToken));
            return refusal!.Status;
        }
    }

    [Test]
    public async Task Bad_requests_are_refused_before_the_token_is_looked_at(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        using var channel = manager.Channel(null);
        foreach (var csr in new[] { "", "garbage", new string('x', 100_000) })
        {
            var request = new IssueNodeCertificateRequest { Csr = ByteString.CopyFromUtf8(csr), Token = manager.WorkerToken.ToString() };
            var refusal = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(SwarmKitMethods.IssueNodeCertificate, request, default, cancellationToken));
            Assert.That(refusal!.Code, Is.EqualTo(StatusCode.InvalidArgument));
        }

        var unknown = await Assert.ThrowsAsync<RpcException>(
            () => channel.UnaryAsync(SwarmKitMethods.NodeCertificateStatus, new NodeCertificateStatusRequest { NodeId = "x" }, default, cancellationToken));
        Assert.That(unknown!.Code, Is.EqualTo(StatusCode.NotFound));
    }

    [Test]
    public async Task The_status_waits_for_the_certificate(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        var pending = TestManager.Node("node1");
        pending.Certificate.Status.State = IssuanceStatus.Types.State.IssuancePending;
        await manager.CreateAsync(pending);
        using var channel = manager.Channel(null);
        var request = new NodeCertificateStatusRequest { NodeId = "node1" };
        var impatient = await Assert.ThrowsAsync<RpcException>(
            () => channel.UnaryAsync(SwarmKitMethods.NodeCertificateStatus, request, new CallOptions(TimeSpan.FromMilliseconds(50)), cancellationToken));
        Assert.That(impatient!.Code, Is.EqualTo(StatusCode.DeadlineExceeded));
        var waiting = channel.UnaryAsync(SwarmKitMethods.NodeCertificateStatus, request, default, cancellationToken);
        await manager.UpdateAsync(pending, node => node.Certificate.Status.State = IssuanceStatus.Types.State.IssuanceIssued);
        Assert.That((await waiting).Status.State, Is.EqualTo(IssuanceStatus.Types.State.IssuanceIssued));
    }

    [TestCase(false, true, false)]
    [TestCase(true, true, false)]
    [TestCase(true, false, true)]
    public async Task Methods_admit_their_roles(bool hasCertificate, bool isWorker, bool mayHealth)
    {
        await using var manager = await TestManager.StartAsync();
        var certificate = hasCertificate ? manager.Issue(isWorker ? SwarmRoles.Worker : SwarmRoles.Manager, "x") : null;
        using var channel = SwarmTls.Channel(manager.Address, SwarmRoles.Manager, manager.Root, certificate);
        if (mayHealth)
        {
            var answer = await channel.UnaryAsync(SwarmKitMethods.HealthCheck, new HealthCheckRequest { Service = "Raft" }, default, default);
            Assert.That(answer.Status, Is.EqualTo(HealthCheckResponse.Types.ServingStatus.Serving));
        }
        else
        {
            var refusal = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(SwarmKitMethods.HealthCheck, new HealthCheckRequest(), default, default));
            Assert.That(refusal!.Code, Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(refusal.Message, Does.StartWith("Permission denied: unauthorized peer role: rpc error: code = PermissionDenied desc = Permission denied: "));
        }

        var beat = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(SwarmKitMethods.Heartbeat, new HeartbeatRequest(), default, default));
        Assert.That(beat!.Code, Is.EqualTo(hasCertificate ? StatusCode.NotFound : StatusCode.PermissionDenied));
    }

    [Test]
    public async Task Forwarded_calls_are_not_the_managers_own(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        using var channel = manager.Channel(manager.Certificate);
        var options = new CallOptions(Metadata: [new("forwarded_cert", "true")]);
        var request = new IssueNodeCertificateRequest { Csr = ByteString.CopyFrom(CertificateSigningRequest.Create().Pem.Span) };
        var refusal = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(SwarmKitMethods.IssueNodeCertificate, request, options, cancellationToken));
        Assert.That(refusal!.Code, Is.EqualTo(StatusCode.PermissionDenied));
    }

    private static async Task<GrpcStatus> IssueAsync(TestManager manager, string token, CancellationToken cancellationToken)
    {
        using var channel = manager.Channel(null);
        var request = new IssueNodeCertificateRequest { Csr = ByteString.CopyFrom(CertificateSigningRequest.Create().Pem.Span), Token = token };
        var refusal = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(SwarmKitMethods.IssueNodeCertificate, request, default, cancellationToken));
        return refusal!.Status;
    }
}
