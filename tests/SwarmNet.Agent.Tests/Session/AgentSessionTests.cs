using SwarmNet.Ca;
using SwarmNet.Manager.Dispatcher;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Session;

/// <summary>The session against a manager's real endpoint.</summary>
[CancelAfter(40_000)]
public sealed class AgentSessionTests
{
    private string _state = null!;

    [SetUp]
    public void SetUp() => _state = Directory.CreateTempSubdirectory("swarmnet-session").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_state, recursive: true);

    [Test]
    public async Task A_node_joins_and_is_ready(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        var certificate = await new CaClient(TimeProvider.System, new Random(1)).JoinAsync(
            [manager.Address], manager.WorkerToken, NodeAvailability.Active, cancellationToken);
        var security = NodeSecurity.Create(_state, certificate);
        var host = new TestHost();
        await using var session = Start(manager, security, host, joining: true);
        await session.SessionEstablished.WaitAsync(cancellationToken);
        var nodeId = certificate.Identity.NodeId;
        Assert.That(session.IsConnected);
        Assert.That(session.Managers, Is.EqualTo(new[] { new Peer { NodeId = TestManager.ManagerId, Addr = manager.Address } }), "the address alone was replaced");
        Assert.That(RemoteManagersFile.Load(_state), Is.EqualTo(session.Managers));
        Assert.That(host.SessionMessages.First().NetworkBootstrapKeys, Has.Count.EqualTo(6));
        await Eventually.UntilAsync(() => host.Assignments.Count == 1, cancellationToken);

        var node = manager.Store.View.Nodes.Get(nodeId)!;
        Assert.That(node.Status.State, Is.EqualTo(NodeState.Ready));
        Assert.That(node.Description.Hostname, Is.EqualTo("host1"));
        Assert.That(node.Description.TlsInfo.TrustRoot.Span.SequenceEqual(manager.Ca.CertificatePem.Span));
        Assert.That(node.Description.TlsInfo.CertIssuerSubject.Span.SequenceEqual(certificate.Certificate.IssuerName.RawData));
        Assert.That(NodeSecurity.Load(_state).Certificate.Identity, Is.EqualTo(certificate.Identity));
    }

    [Test]
    public async Task Assignments_and_statuses_flow(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        var host = new TestHost();
        await using var session = await ConnectAsync(manager, host, cancellationToken);
        await manager.CreateAsync(Task("t1"), Task("t2"));
        await Eventually.UntilAsync(() => host.Has("t1", "t2"), cancellationToken);
        session.Report("t1", new TaskStatus { State = TaskState.Running });
        session.Report("t2", new TaskStatus { State = TaskState.Failed, Err = "no such image" });
        await Eventually.UntilAsync(() => State(manager, "t1") == TaskState.Running && State(manager, "t2") == TaskState.Failed, cancellationToken);
        await manager.Store.UpdateAsync(transaction => transaction.Remove(new SwarmTask { Id = "t2" }), cancellationToken);
        await Eventually.UntilAsync(() => host.Has("t1"), cancellationToken);
    }

    [Test]
    public async Task A_status_of_a_foreign_task_holds_nothing_up(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        var host = new TestHost();
        await using var session = await ConnectAsync(manager, host, cancellationToken);
        await manager.CreateAsync(Task("t1"), Task("foreign", "node2"));
        session.Report("foreign", new TaskStatus { State = TaskState.Running });
        session.Report("t1", new TaskStatus { State = TaskState.Running });
        await Eventually.UntilAsync(() => State(manager, "t1") == TaskState.Running, cancellationToken);
        Assert.That(State(manager, "foreign"), Is.EqualTo(TaskState.Assigned));
        Assert.That(session.IsConnected);
    }

    [Test]
    public async Task A_managers_restart_is_survived_and_everything_reported_again(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        var host = new TestHost();
        await using var session = await ConnectAsync(manager, host, cancellationToken);
        await manager.CreateAsync(Task("t1"));
        await Eventually.UntilAsync(() => host.Has("t1"), cancellationToken);
        await manager.StopAsync();
        Assert.That(manager.State("node1"), Is.EqualTo(NodeState.Disconnected));

        // While no manager is there the task ends.
        host.Statuses["t1"] = new TaskStatus { State = TaskState.Complete };
        await Eventually.UntilAsync(() => !session.IsConnected, cancellationToken);
        await manager.ListenAsync();
        await Eventually.UntilAsync(() => State(manager, "t1") == TaskState.Complete, cancellationToken);
        await Eventually.UntilAsync(() => manager.State("node1") == NodeState.Ready, cancellationToken);
        // The assignments' stream is opened beside the status report and may come after it.
        await Eventually.UntilAsync(
            () => host.Assignments.Count(message => message.Type == AssignmentsMessage.Types.Type.Complete) >= 2, cancellationToken);
        Assert.That(host.Has("t1"), "the set that came with the new session is whole");
    }

    [Test]
    public async Task ROTATE_renews_the_certificate_and_begins_a_new_session(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        var host = new TestHost();
        var security = await SecurityAsync(manager, "node1");
        var before = security.Certificate;
        await using var session = Start(manager, security, host);
        await session.SessionEstablished.WaitAsync(cancellationToken);
        await manager.UpdateAsync(
            manager.Store.View.Nodes.Get("node1")!, node => node.Certificate.Status.State = IssuanceStatus.Types.State.IssuanceRotate);
        await Eventually.UntilAsync(() => security.Certificate != before, cancellationToken);
        Assert.That(security.Certificate.Identity, Is.EqualTo(before.Identity));
        Assert.That(new CertificateStore(_state).Load().Pem.ToArray(), Is.EqualTo(security.Certificate.Pem.ToArray()));
        Assert.That(manager.Store.View.Nodes.Get("node1")!.Certificate.Status.State, Is.EqualTo(IssuanceStatus.Types.State.IssuanceIssued));

        // The new session works.
        await manager.CreateAsync(Task("t1"));
        await Eventually.UntilAsync(() => host.Assignments.Count(message => message.Type == AssignmentsMessage.Types.Type.Complete) >= 2, cancellationToken);
        await Eventually.UntilAsync(() => host.Has("t1"), cancellationToken);
        Assert.That(manager.State("node1"), Is.EqualTo(NodeState.Ready));
    }

    [Test]
    public async Task A_certificate_past_its_time_of_renewal_is_renewed_at_once(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        await manager.CreateAsync(TestManager.Node("node1"));
        var request = CertificateSigningRequest.Create();
        var pem = manager.Ca.Sign(
            request.Pem.Span, new PeerIdentity(TestManager.ClusterId, SwarmRoles.Worker, "node1"), TimeSpan.FromDays(90), DateTimeOffset.UtcNow.AddDays(-80));
        var security = NodeSecurity.Create(_state, NodeCertificate.Create(pem, request.KeyPem.Span, manager.Root));
        await using var session = Start(manager, security, new TestHost());
        await Eventually.UntilAsync(() => security.Certificate.NotAfter > DateTimeOffset.UtcNow.AddDays(80), cancellationToken);
        await Eventually.UntilAsync(() => session.IsConnected && manager.State("node1") == NodeState.Ready, cancellationToken);
    }

    [Test]
    public async Task A_root_is_taken_only_if_it_vouches_for_this_node(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        var security = await SecurityAsync(manager, "node1");
        var host = new TestHost();
        await using var session = Start(manager, security, host);
        await session.SessionEstablished.WaitAsync(cancellationToken);
        using var other = RootCa.Create(DateTimeOffset.UtcNow);
        await manager.UpdateAsync(
            manager.Store.View.Cluster!, cluster => cluster.RootCa.CaCert = Google.Protobuf.ByteString.CopyFrom(other.CertificatePem.Span));
        await Eventually.UntilAsync(() => host.SessionMessages.Count >= 2, cancellationToken);
        byte[] both = [.. manager.Ca.CertificatePem.Span, .. other.CertificatePem.Span];
        await manager.UpdateAsync(manager.Store.View.Cluster!, cluster => cluster.RootCa.CaCert = Google.Protobuf.ByteString.CopyFrom(both));
        await Eventually.UntilAsync(() => security.Certificate.Root.Pem.Span.SequenceEqual(both), cancellationToken);
        Assert.That(security.Certificate.Root.Certificates, Has.Count.EqualTo(2));
        await Eventually.UntilAsync(
            () => session.IsConnected && manager.Store.View.Nodes.Get("node1")!.Description.TlsInfo.TrustRoot.Span.SequenceEqual(both), cancellationToken);
    }

    [Test]
    public async Task A_changed_description_begins_a_new_session(CancellationToken cancellationToken)
    {
        var time = new ManualTime();
        await using var manager = await TestManager.StartAsync();
        var host = new TestHost();
        await using var session = Start(manager, await SecurityAsync(manager, "node1"), host, time: time);
        await session.SessionEstablished.WaitAsync(cancellationToken);
        await Eventually.UntilAsync(() => host.Assignments.Count == 1, cancellationToken);
        host.Description = new NodeDescription { Hostname = "renamed" };
        await time.AdvanceUntilAsync(
            () => manager.Store.View.Nodes.Get("node1")!.Description.Hostname == "renamed", TimeSpan.FromSeconds(60), cancellationToken);
    }

    [Test]
    public async Task Logs_reach_the_reader(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        var host = new TestHost { Lines = { "one", "two" } };
        await using var session = await ConnectAsync(manager, host, cancellationToken);
        await manager.CreateAsync(Task("t1"));
        List<string> lines = [];
        while (lines.Count == 0)
        {
            // Until the node's subscription stream is open it counts as unavailable.
            try
            {
                await foreach (var line in manager.Endpoint.Logs!.SubscribeAsync(
                    new LogSelector { ServiceIds = { "svc" } }, new LogSubscriptionOptions(), cancellationToken))
                {
                    lines.Add($"{line.Context.NodeId}/{line.Context.TaskId} {line.Data.ToStringUtf8()}");
                }
            }
            catch (Manager.Control.ControlException)
            {
                await System.Threading.Tasks.Task.Yield();
            }
        }

        Assert.That(lines, Is.EqualTo(new[] { "node1/t1 one", "node1/t1 two" }));
    }

    [Test]
    public async Task A_manager_of_another_swarm_ends_a_join(CancellationToken cancellationToken)
    {
        await using var ours = await TestManager.StartAsync();
        await using var other = await TestManager.StartAsync();
        var security = await SecurityAsync(ours, "node1");
        await using var session = Start(other, security, new TestHost(), joining: true);
        var failure = await Assert.ThrowsAsync<CaException>(() => session.SessionEstablished.WaitAsync(cancellationToken));
        Assert.That(failure!.Message, Is.EqualTo("x509: certificate signed by unknown authority"));
    }

    [Test]
    public async Task Without_a_manager_it_tries_on_and_ends_when_told(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        var security = await SecurityAsync(manager, "node1");
        await manager.StopAsync();
        var session = Start(manager, security, new TestHost());
        await session.DisposeAsync();
        Assert.That(session.IsConnected, Is.False);
        Assert.That(session.SessionEstablished.IsCanceled);
    }

    private static TaskState State(TestManager manager, string task) => manager.Store.View.Tasks.Get(task)!.Status.State;

    private static SwarmTask Task(string id, string node = "node1") => new()
    {
        Id = id,
        NodeId = node,
        ServiceId = "svc",
        Status = new TaskStatus { State = TaskState.Assigned },
        DesiredState = TaskState.Running,
        Spec = new TaskSpec(),
    };

    private async Task<NodeSecurity> SecurityAsync(TestManager manager, string nodeId)
    {
        await manager.CreateAsync(TestManager.Node(nodeId));
        return NodeSecurity.Create(_state, manager.Issue(SwarmRoles.Worker, nodeId));
    }

    private async Task<AgentSession> ConnectAsync(TestManager manager, TestHost host, CancellationToken cancellationToken)
    {
        var session = Start(manager, await SecurityAsync(manager, "node1"), host);
        await session.SessionEstablished.WaitAsync(cancellationToken);
        return session;
    }

    private AgentSession Start(TestManager manager, NodeSecurity security, TestHost host, bool joining = false, TimeProvider? time = null) => AgentSession.Start(
        new AgentSessionOptions
        {
            StateDirectory = _state,
            Security = security,
            Host = host,
            Logs = host,
            Managers = [manager.Address],
            IsJoining = joining,
            Random = new Random(1),
            Time = time ?? TimeProvider.System,
        });
}
