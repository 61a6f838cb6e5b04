using Google.Protobuf;
using SwarmNet.Grpc;
using SwarmNet.Manager.Certificates;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Dispatcher;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Logs;

[CancelAfter(20_000)]
public sealed class LogBrokerTests
{
    [Test]
    public async Task Lines_come_from_every_node_that_runs_the_service(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        await using var one = await Publisher.StartAsync(manager, "node1", cancellationToken);
        await using var two = await Publisher.StartAsync(manager, "node2", cancellationToken);
        await using var idle = await Publisher.StartAsync(manager, "node3", cancellationToken);
        await manager.CreateAsync(Task("t1", "node1"), Task("t2", "node2"), Task("t3", "node3", service: "other"));
        var reading = ReadAsync(manager, new LogSubscriptionOptions { Tail = -11 }, cancellationToken);
        foreach (var node in new[] { one, two })
        {
            var told = (await node.Subscriptions.ReadAsync(cancellationToken))!;
            Assert.That(told.Selector.ServiceIds, Is.EqualTo(new[] { "svc" }));
            Assert.That(told.Options.Tail, Is.EqualTo(-11));
            await node.PublishAsync(told.Id, ["a", "b"], close: true, cancellationToken);
        }

        var lines = await reading;
        Assert.That(lines, Is.EquivalentTo(new[] { "node1 a", "node1 b", "node2 a", "node2 b" }));
        Assert.That(lines.Where(line => line.StartsWith("node1", StringComparison.Ordinal)), Is.EqualTo(new[] { "node1 a", "node1 b" }));
        var closed = (await one.Subscriptions.ReadAsync(cancellationToken))!;
        Assert.That(closed.Close);
    }

    [Test]
    public async Task A_node_listens_and_publishes_through_another_manager_in_its_own_name(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        await using var one = await Publisher.StartAsync(manager, "node1", cancellationToken, isForwarded: true);
        await manager.CreateAsync(Task("t1", "node1"));
        var reading = ReadAsync(manager, new LogSubscriptionOptions(), cancellationToken);
        var told = (await one.Subscriptions.ReadAsync(cancellationToken))!;
        await one.PublishAsync(told.Id, ["a"], close: true, cancellationToken);
        Assert.That(await reading, Is.EqualTo(new[] { "node1 a" }));
    }

    [Test]
    public async Task Missing_nodes_and_tasks_are_told_at_the_end(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        await using var one = await Publisher.StartAsync(manager, "node1", cancellationToken);
        await manager.CreateAsync(Task("t1", "node1"), Task("t2", "gone"), Task("t3", ""));
        var lines = new List<string>();
        var reading = ReadAsync(manager, new LogSubscriptionOptions(), cancellationToken, lines);
        var told = (await one.Subscriptions.ReadAsync(cancellationToken))!;
        await one.PublishAsync(told.Id, ["a"], close: true, cancellationToken);
        var warning = await Assert.ThrowsAsync<ControlException>(() => reading);
        Assert.That(
            warning!.Message,
            Is.EqualTo("warning: incomplete log stream. some logs could not be retrieved for the following reasons: node gone is not available, task t3 has not been scheduled"));
        Assert.That(lines, Is.EqualTo(new[] { "node1 a" }));
    }

    [Test]
    public async Task Following_takes_in_tasks_that_come_later(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        await using var one = await Publisher.StartAsync(manager, "node1", cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lines = new List<string>();
        var reading = ReadAsync(manager, new LogSubscriptionOptions { Follow = true }, stop.Token, lines);
        await manager.CreateAsync(Task("t1", "node1"));
        var told = (await one.Subscriptions.ReadAsync(cancellationToken))!;
        var publishing = one.PublishAsync(told.Id, ["a"], close: true, cancellationToken);
        await Eventually.UntilAsync(() => lines.Count == 1, cancellationToken);
        await publishing;
        await stop.CancelAsync();
        await Assert.ThrowsAsync(Is.InstanceOf<OperationCanceledException>(), () => reading);
        Assert.That((await one.Subscriptions.ReadAsync(cancellationToken))!.Close, "the node is told that the reader left");
    }

    [Test]
    public async Task A_node_that_goes_away_ends_the_wait(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        var one = await Publisher.StartAsync(manager, "node1", cancellationToken);
        await manager.CreateAsync(Task("t1", "node1"));
        var reading = ReadAsync(manager, new LogSubscriptionOptions(), cancellationToken);
        await one.Subscriptions.ReadAsync(cancellationToken);
        await one.DisposeAsync();
        var warning = await Assert.ThrowsAsync<ControlException>(() => reading);
        Assert.That(warning!.Message, Does.EndWith("node node1 is not available"));
    }

    [Test]
    public async Task Lines_in_anothers_name_are_refused(CancellationToken cancellationToken)
    {
        await using var manager = await TestManager.StartAsync();
        await using var one = await Publisher.StartAsync(manager, "node1", cancellationToken);
        await manager.CreateAsync(Task("t1", "node1"));
        var reading = ReadAsync(manager, new LogSubscriptionOptions(), cancellationToken);
        var told = (await one.Subscriptions.ReadAsync(cancellationToken))!;
        var forged = await Assert.ThrowsAsync<RpcException>(() => one.PublishAsync(told.Id, ["a"], close: true, cancellationToken, node: "node2"));
        Assert.That(forged!.Code, Is.EqualTo(StatusCode.PermissionDenied));
        await Assert.ThrowsAsync<ControlException>(() => reading);
        var unknown = await Assert.ThrowsAsync<RpcException>(() => one.PublishAsync("nothing", ["a"], close: true, cancellationToken));
        Assert.That(unknown!.Code, Is.EqualTo(StatusCode.NotFound));
        var missing = await Assert.ThrowsAsync<RpcException>(() => one.PublishAsync("", ["a"], close: true, cancellationToken));
        Assert.That(missing!.Code, Is.EqualTo(StatusCode.InvalidArgument));
    }

    private static SwarmTask Task(string id, string node, string service = "svc") => new() { Id = id, NodeId = node, ServiceId = service, Spec = new TaskSpec() };

    private static async Task<List<string>> ReadAsync(
        TestManager manager, LogSubscriptionOptions options, CancellationToken cancellationToken, List<string>? lines = null)
    {
        lines ??= [];
        await foreach (var message in manager.Endpoint.Logs!.SubscribeAsync(new LogSelector { ServiceIds = { "svc" } }, options, cancellationToken))
        {
            lines.Add($"{message.Context.NodeId} {message.Data.ToStringUtf8()}");
        }

        return lines;
    }

    /// <summary>A node that listens, and publishes what the test says.</summary>
    private sealed class Publisher : IAsyncDisposable
    {
        private readonly GrpcChannel _channel;
        private readonly string _nodeId;
        private readonly CallOptions _options;

        private Publisher(GrpcChannel channel, string nodeId, CallOptions options, CancellationToken cancellationToken)
        {
            (_channel, _nodeId, _options) = (channel, nodeId, options);
            Subscriptions = channel.ServerStreaming(SwarmKitMethods.ListenSubscriptions, new ListenSubscriptionsRequest(), options, cancellationToken);
        }

        public GrpcCall<ListenSubscriptionsRequest, SubscriptionMessage> Subscriptions { get; }

        public static async Task<Publisher> StartAsync(TestManager manager, string nodeId, CancellationToken cancellationToken, bool isForwarded = false)
        {
            var own = await manager.AddNodeAsync(nodeId);
            var caller = KeyValuePair.Create(ForwardedCall.Header, $"{TestManager.ClusterId};{SwarmRoles.Worker};{nodeId};192.0.2.1:4711");
            var publisher = isForwarded
                ? new Publisher(manager.Channel(manager.Certificate), nodeId, new CallOptions(Metadata: [caller]), cancellationToken)
                : new Publisher(own, nodeId, default, cancellationToken);
            await Eventually.UntilAsync(() => manager.Endpoint.Logs!.IsListening(nodeId), cancellationToken);
            return publisher;
        }

        public async Task PublishAsync(string id, string[] lines, bool close, CancellationToken cancellationToken, string? node = null)
        {
            await using var call = _channel.ClientStreaming(SwarmKitMethods.PublishLogs, _options, cancellationToken);
            foreach (var line in lines)
            {
                var message = new LogMessage { Context = new LogContext { NodeId = node ?? _nodeId }, Data = ByteString.CopyFromUtf8(line) };
                await call.WriteAsync(new PublishLogsMessage { SubscriptionId = id, Messages = { message } }, cancellationToken);
            }

            await call.WriteAsync(new PublishLogsMessage { SubscriptionId = id, Close = close }, cancellationToken);
            await call.ResponseAsync(cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await Subscriptions.DisposeAsync();
            _channel.Dispose();
        }
    }
}
