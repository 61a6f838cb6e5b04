using System.Net;
using SwarmNet.Manager.Dispatcher;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Peers;

/// <summary>An unmodified Docker engine as a worker of our manager.</summary>
[Category("Peers")]
[Category("Slow")]
public sealed class StockEngineTests
{
    [Test]
    [CancelAfter(180_000)]
    public async Task A_stock_engine_joins_runs_logs_renews_and_survives_a_managers_restart(CancellationToken cancellationToken)
    {
        await using var engine = await StockEngine.StartAsync(cancellationToken);
        await using var manager = await TestManager.StartAsync(address: IPAddress.Parse(engine.OuterAddress));

        // A manager's token, then the right one.
        var refused = await JoinAsync(manager.ManagerToken.ToString());
        Assert.That(refused.Output, Does.Contain("Stock engines can join this swarm as workers only"), "the engine shows our sentence");
        var joined = await JoinAsync(manager.WorkerToken.ToString());
        Assert.That(joined.Output, Is.EqualTo("This node joined a swarm as a worker."));
        var nodeId = manager.Store.View.Nodes.All.Single(node => node.Role == NodeRole.Worker && node.Status.State == NodeState.Ready).Id;
        var node = manager.Store.View.Nodes.Get(nodeId)!;
        Assert.That(node.Status.Addr, Is.EqualTo(engine.InnerAddress));
        Assert.That(node.Description.Engine.EngineVersion, Is.Not.Empty);

        // A task by image id, which is not pulled.
        var image = (await engine.DockerAsync(cancellationToken, "images", "-q", "--no-trunc", "busybox")).Output;
        await manager.CreateAsync(Task("task000000000000000000001", nodeId, image));
        await StateAsync("task000000000000000000001", TaskState.Running);
        List<string> lines = [];
        await foreach (var line in manager.Endpoint.Logs!.SubscribeAsync(
            new LogSelector { ServiceIds = { "svc" } }, new LogSubscriptionOptions(), cancellationToken))
        {
            lines.Add($"{line.Context.TaskId} {line.Data.ToStringUtf8().Trim()}");
        }

        Assert.That(lines, Is.EqualTo(new[] { "task000000000000000000001 hello" }));

        // After a renewal the engine's connections carry no ALPN: the next one must be taken for HTTP/2.
        var before = manager.Store.View.Nodes.Get(nodeId)!.Certificate;
        await manager.UpdateAsync(node, stored => stored.Certificate.Status.State = IssuanceStatus.Types.State.IssuanceRotate);
        await Eventually.UntilAsync(
            () => manager.Store.View.Nodes.Get(nodeId)!.Certificate is var certificate && !certificate.Certificate_.Equals(before.Certificate_), cancellationToken);
        await manager.StopAsync();
        Assert.That(manager.State(nodeId), Is.EqualTo(NodeState.Disconnected));
        await manager.ListenAsync();
        await Eventually.UntilAsync(() => manager.State(nodeId) == NodeState.Ready, cancellationToken);

        // It still takes orders, and the task ran on meanwhile.
        Assert.That(manager.Store.View.Tasks.Get("task000000000000000000001")!.Status.State, Is.EqualTo(TaskState.Running));
        await manager.UpdateAsync(manager.Store.View.Tasks.Get("task000000000000000000001")!, task => task.DesiredState = TaskState.Shutdown);
        await StateAsync("task000000000000000000001", TaskState.Shutdown);
        await manager.Store.UpdateAsync(transaction => transaction.Remove(new SwarmTask { Id = "task000000000000000000001" }), cancellationToken);
        string containers;
        do
        {
            containers = (await engine.DockerAsync(cancellationToken, "ps", "-aq")).Output;
        }
        while (containers.Length > 0);

        async Task<(int ExitCode, string Output)> JoinAsync(string token)
            => await engine.DockerAsync(cancellationToken, "swarm", "join", "--token", token, "--advertise-addr", engine.InnerAddress, manager.Address);

        Task StateAsync(string task, TaskState state)
            => Eventually.UntilAsync(() => manager.Store.View.Tasks.Get(task)!.Status.State == state, cancellationToken);
    }

    private static SwarmTask Task(string id, string nodeId, string image) => new()
    {
        Id = id,
        NodeId = nodeId,
        ServiceId = "svc",
        Slot = 1,
        ServiceAnnotations = new Annotations { Name = "web" },
        Annotations = new Annotations { Name = $"web.1.{id}" },
        Status = new TaskStatus { State = TaskState.Assigned },
        DesiredState = TaskState.Running,
        Endpoint = new Endpoint { Spec = new EndpointSpec() },
        Spec = new TaskSpec
        {
            Container = new ContainerSpec
            {
                Image = image,
                Command = { "/bin/sh", "-c", "echo hello; exec sleep 600" },
                StopGracePeriod = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
            },
        },
    };
}
