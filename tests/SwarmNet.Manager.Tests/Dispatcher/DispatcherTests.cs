using SwarmNet.Grpc;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Dispatcher;

[CancelAfter(30_000)]
public sealed class DispatcherTests
{
    [Test]
    public async Task A_session_begins_with_all_that_a_stock_engine_needs(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        using var node = await manager.AddNodeAsync("node1");
        await using var session = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        var message = (await session.ReadAsync(cancellationToken))!;
        Assert.That(message.SessionId, Does.Match("^[0-9a-z]{25}$"));
        Assert.That(message.Node.Id, Is.EqualTo("node1"));
        Assert.That(message.Node.Spec.Membership, Is.EqualTo(NodeMembership.Accepted));
        Assert.That(message.Managers.Single(), Is.EqualTo(new WeightedPeer { Peer = new Peer { NodeId = TestManager.ManagerId, Addr = manager.Address }, Weight = 10 }));
        Assert.That(message.NetworkBootstrapKeys, Has.Count.EqualTo(6));
        Assert.That(message.RootCa.Span.SequenceEqual(manager.Ca.CertificatePem.Span), "the token's exact bytes");

        // The first message comes only after the node was written.
        var stored = manager.Store.View.Nodes.Get("node1")!;
        Assert.That(stored.Status, Is.EqualTo(new NodeStatus { State = NodeState.Ready, Addr = "127.0.0.1" }));
        Assert.That(stored.Description.Hostname, Is.EqualTo("host1"));
    }

    [Test]
    public async Task The_session_tells_of_changes_that_concern_the_node_and_of_no_others(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        using var node = await manager.AddNodeAsync("node1");
        await using var session = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        await session.ReadAsync(cancellationToken);

        // A status, a task, another node: nothing of it is told. The change after them is.
        await manager.UpdateAsync(manager.Store.View.Nodes.Get("node1")!, stored => stored.Status.Message = "x");
        await manager.CreateAsync(Task("t1"), TestManager.Node("node2"));
        await manager.UpdateAsync(manager.Store.View.Nodes.Get("node1")!, stored => stored.Spec.Availability = NodeAvailability.Drain);
        var next = (await session.ReadAsync(cancellationToken))!;
        Assert.That(next.Node.Spec.Availability, Is.EqualTo(NodeAvailability.Drain));
        Assert.That(next.NetworkBootstrapKeys, Has.Count.EqualTo(6), "every message is whole");

        await manager.UpdateAsync(manager.Store.View.Nodes.Get("node2")!, stored => stored.ManagerStatus = new ManagerStatus { Addr = "10.0.0.2:2377" });
        Assert.That((await session.ReadAsync(cancellationToken))!.Managers, Has.Count.EqualTo(2));
        await manager.UpdateAsync(manager.Store.View.Cluster!, cluster => cluster.NetworkBootstrapKeys[0].LamportTime = 99999);
        Assert.That((await session.ReadAsync(cancellationToken))!.NetworkBootstrapKeys[0].LamportTime, Is.EqualTo(99999));
    }

    [Test]
    public async Task A_session_is_not_opened_without_a_managers_address(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        await manager.UpdateAsync(manager.Store.View.Nodes.Get(TestManager.ManagerId)!, stored => stored.ManagerStatus = null);
        using var node = await manager.AddNodeAsync("node1");
        await using var session = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        await RefusedAsync(StatusCode.Unavailable, () => session.ReadAsync(cancellationToken).AsTask());
    }

    [Test]
    public async Task Heartbeats_answer_with_a_period_near_the_clusters(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        using var node = await manager.AddNodeAsync("node1");
        await RefusedAsync(StatusCode.NotFound, () => BeatAsync(node, "x", cancellationToken), "node not registered");
        await using var session = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        var id = (await session.ReadAsync(cancellationToken))!.SessionId;
        for (var i = 0; i < 20; i++)
        {
            var period = (await BeatAsync(node, id, cancellationToken)).Period.ToTimeSpan();
            Assert.That(period, Is.InRange(TimeSpan.FromSeconds(4.5), TimeSpan.FromSeconds(5.5)));
        }

        await RefusedAsync(StatusCode.InvalidArgument, () => BeatAsync(node, "other", cancellationToken), "session invalid");
    }

    [Test]
    public async Task A_period_of_zero_is_never_told(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync(configure: cluster => cluster.Spec.Dispatcher = null);
        using var node = await manager.AddNodeAsync("node1");
        await using var session = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        var id = (await session.ReadAsync(cancellationToken))!.SessionId;
        Assert.That((await BeatAsync(node, id, cancellationToken)).Period.ToTimeSpan(), Is.GreaterThan(TimeSpan.FromSeconds(4)));
    }

    [Test]
    public async Task A_node_without_heartbeat_is_down_after_three_periods(CancellationToken cancellationToken)
    {
        var time = new ManualTime();
        await using var manager = await TestManager.StartAsync(time);
        using var node = await manager.AddNodeAsync("node1");
        await using var session = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        var id = (await session.ReadAsync(cancellationToken))!.SessionId;
        var start = time.GetUtcNow();

        // Beating keeps it ready.
        for (var i = 0; i < 5; i++)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await BeatAsync(node, id, cancellationToken);
        }

        Assert.That(manager.State("node1"), Is.EqualTo(NodeState.Ready));
        start = time.GetUtcNow();
        await time.AdvanceUntilAsync(() => manager.State("node1") == NodeState.Down, TimeSpan.FromSeconds(20), cancellationToken);
        Assert.That(time.GetUtcNow() - start, Is.InRange(TimeSpan.FromSeconds(13.5), TimeSpan.FromSeconds(17.5)));
        Assert.That(manager.Store.View.Nodes.Get("node1")!.Status.Message, Is.EqualTo("heartbeat failure"));
        await RefusedAsync(StatusCode.NotFound, () => BeatAsync(node, id, cancellationToken));
        await RefusedAsync(StatusCode.Aborted, () => session.ReadAsync(cancellationToken).AsTask(), "node must disconnect");
    }

    [Test]
    public async Task After_a_restart_nodes_are_unknown_and_get_twice_the_grace(CancellationToken cancellationToken)
    {
        var time = new ManualTime();
        await using var manager = await TestManager.StartAsync(time);
        using var node = await manager.AddNodeAsync("node1");
        await using (var session = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken))
        {
            await session.ReadAsync(cancellationToken);
            await manager.StopAsync();
            await RefusedAsync(StatusCode.Aborted, () => session.ReadAsync(cancellationToken).AsTask(), "node must disconnect");
        }

        Assert.That(manager.State("node1"), Is.EqualTo(NodeState.Disconnected));
        await manager.ListenAsync();
        var status = manager.Store.View.Nodes.Get("node1")!.Status;
        Assert.That((status.State, status.Message), Is.EqualTo((NodeState.Unknown, "Node moved to \"unknown\" state due to leadership change in cluster")));
        var start = time.GetUtcNow();
        await time.AdvanceUntilAsync(() => manager.State("node1") == NodeState.Down, TimeSpan.FromSeconds(40), cancellationToken);
        Assert.That(time.GetUtcNow() - start, Is.InRange(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(32)));
        Assert.That(manager.Store.View.Nodes.Get("node1")!.Status.Message, Is.EqualTo("heartbeat failure for node in \"unknown\" state"));
    }

    [Test]
    public async Task Two_sessions_of_one_node_take_turns_until_the_limit(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        using var node = await manager.AddNodeAsync("node1");
        await using var first = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        var firstId = (await first.ReadAsync(cancellationToken))!.SessionId;
        await using var second = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        var secondId = (await second.ReadAsync(cancellationToken))!.SessionId;
        Assert.That(secondId, Is.Not.EqualTo(firstId));
        await RefusedAsync(StatusCode.Aborted, () => first.ReadAsync(cancellationToken).AsTask(), "node must disconnect");
        await RefusedAsync(StatusCode.InvalidArgument, () => BeatAsync(node, firstId, cancellationToken), "session invalid");

        // Coming back with the session that still lives is no registration.
        for (var i = 0; i < 5; i++)
        {
            await using var resumed = node.ServerStreaming(SwarmKitMethods.Session, Hello(secondId), default, cancellationToken);
            Assert.That((await resumed.ReadAsync(cancellationToken))!.SessionId, Is.EqualTo(secondId));
        }

        await using var third = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        await third.ReadAsync(cancellationToken);
        await using var fourth = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        await RefusedAsync(
            StatusCode.Unavailable, () => fourth.ReadAsync(cancellationToken).AsTask(), "node node1 exceeded rate limit count of registrations");
    }

    [Test]
    public async Task Assignments_flow(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        using var node = await manager.AddNodeAsync("node1");
        await manager.CreateAsync(Task("t0"));
        await using var session = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        var id = (await session.ReadAsync(cancellationToken))!.SessionId;
        await using var assignments = node.ServerStreaming(SwarmKitMethods.Assignments, new AssignmentsRequest { SessionId = id }, default, cancellationToken);
        var complete = (await assignments.ReadAsync(cancellationToken))!;
        Assert.That(complete.Type, Is.EqualTo(AssignmentsMessage.Types.Type.Complete));
        Assert.That(complete.Changes.Single().Assignment.Task.Id, Is.EqualTo("t0"));
        await manager.CreateAsync([.. Enumerable.Range(1, 150).Select(i => Task($"t{i}"))]);
        var incremental = (await assignments.ReadAsync(cancellationToken))!;
        Assert.That((incremental.AppliesTo, incremental.ResultsIn, incremental.Changes.Count), Is.EqualTo((complete.ResultsIn, "2", 150)));
        await manager.UpdateAsync(manager.Store.View.Tasks.Get("t7")!, task => task.DesiredState = TaskState.Shutdown);
        var stop = (await assignments.ReadAsync(cancellationToken))!;
        Assert.That((stop.Changes.Single().Assignment.Task.Id, stop.Changes.Single().Assignment.Task.DesiredState), Is.EqualTo(("t7", TaskState.Shutdown)));
    }

    [Test]
    public async Task Assignments_need_a_session(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        using var node = await manager.AddNodeAsync("node1");
        await using var assignments = node.ServerStreaming(SwarmKitMethods.Assignments, new AssignmentsRequest { SessionId = "x" }, default, cancellationToken);
        await RefusedAsync(StatusCode.NotFound, () => assignments.ReadAsync(cancellationToken).AsTask(), "node not registered");
    }

    [Test]
    public async Task Reported_statuses_are_stored_and_only_move_forward(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        using var node = await manager.AddNodeAsync("node1");
        await manager.CreateAsync(Task("t1"), Task("t2"));
        await using var session = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        var id = (await session.ReadAsync(cancellationToken))!.SessionId;
        await ReportAsync(node, id, "t1", TaskState.Running, cancellationToken);
        await Eventually.UntilAsync(() => manager.Store.View.Tasks.Get("t1")!.Status.State == TaskState.Running, cancellationToken);
        Assert.That(manager.Store.View.Tasks.Get("t1")!.Status.AppliedBy, Is.EqualTo(TestManager.ManagerId));
        Assert.That(manager.Store.View.Tasks.Get("t1")!.Status.AppliedAt, Is.Not.Null);

        await ReportAsync(node, id, "t1", TaskState.Preparing, cancellationToken);
        await ReportAsync(node, id, "forgotten", TaskState.Running, cancellationToken);
        await ReportAsync(node, id, "t2", TaskState.Failed, cancellationToken);
        await Eventually.UntilAsync(() => manager.Store.View.Tasks.Get("t2")!.Status.State == TaskState.Failed, cancellationToken);
        Assert.That(manager.Store.View.Tasks.Get("t1")!.Status.State, Is.EqualTo(TaskState.Running));
    }

    [Test]
    public async Task Reports_about_other_nodes_tasks_are_refused(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        using var node = await manager.AddNodeAsync("node1");
        await manager.CreateAsync(Task("t1", node: "node2"));
        await using var session = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        var id = (await session.ReadAsync(cancellationToken))!.SessionId;
        await RefusedAsync(StatusCode.PermissionDenied, () => ReportAsync(node, id, "t1", TaskState.Running, cancellationToken));
        Assert.That(manager.Store.View.Tasks.Get("t1")!.Status.State, Is.EqualTo(TaskState.Assigned));
    }

    [Test]
    public async Task A_removed_node_is_put_out_and_kept_out(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        using var node = await manager.AddNodeAsync("node1");
        await using var session = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        await session.ReadAsync(cancellationToken);
        await manager.Store.UpdateAsync(
            transaction =>
            {
                var cluster = transaction.View.Cluster!.Clone();
                cluster.BlacklistedCertificates["node1"] = new BlacklistedCertificate();
                transaction.Update(cluster);
                transaction.Remove(new Node { Id = "node1" });
            },
            cancellationToken);
        await RefusedAsync(StatusCode.Aborted, () => session.ReadAsync(cancellationToken).AsTask());
        await using var again = node.ServerStreaming(SwarmKitMethods.Session, Hello(), default, cancellationToken);
        var refusal = await RefusedAsync(StatusCode.PermissionDenied, () => again.ReadAsync(cancellationToken).AsTask());
        Assert.That(refusal, Does.EndWith("Permission denied: node node1 was removed from swarm"));
    }

    private static SessionRequest Hello(string sessionId = "") => new() { SessionId = sessionId, Description = new NodeDescription { Hostname = "host1" } };

    private static SwarmTask Task(string id, TaskState state = TaskState.Assigned, string node = "node1")
        => new() { Id = id, NodeId = node, Status = new TaskStatus { State = state }, DesiredState = TaskState.Running, Spec = new TaskSpec() };

    private static Task<HeartbeatResponse> BeatAsync(GrpcChannel node, string id, CancellationToken cancellationToken)
        => node.UnaryAsync(SwarmKitMethods.Heartbeat, new HeartbeatRequest { SessionId = id }, default, cancellationToken);

    private static async Task ReportAsync(GrpcChannel node, string id, string task, TaskState state, CancellationToken cancellationToken)
    {
        var request = new UpdateTaskStatusRequest
        {
            SessionId = id,
            Updates = { new UpdateTaskStatusRequest.Types.TaskStatusUpdate { TaskId = task, Status = new TaskStatus { State = state } } },
        };
        await node.UnaryAsync(SwarmKitMethods.UpdateTaskStatus, request, default, cancellationToken);
    }

    private static async Task<string> RefusedAsync(StatusCode code, Func<Task> call, string? text = null)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => call());
        Assert.That(refusal!.Code, Is.EqualTo(code), refusal.Message);
        Assert.That(refusal.Status.Detail, Is.EqualTo(text ?? refusal.Status.Detail));
        return refusal.Status.Detail;
    }
}
