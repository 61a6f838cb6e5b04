using SwarmNet.Grpc;
using SwarmNet.Manager.Allocator;
using SwarmNet.Manager.Dispatcher;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Attachments;

/// <summary>What an engine's <c>docker run --network</c> asks of the manager. Texts are SwarmKit's.</summary>
[CancelAfter(30_000)]
public sealed class ResourceAllocatorTests
{
    [Test]
    public async Task An_attachment_is_a_task_of_the_callers_node_until_it_is_detached([Values("n1", "open")] string target, CancellationToken cancellationToken)
    {
        await using var manager = await WithNetworksAsync();
        using var node = await manager.AddNodeAsync("node1");
        var id = await AttachAsync(node, target, cancellationToken, "10.0.5.9");
        var task = manager.Store.View.Tasks.Get(id)!;
        Assert.That((task.NodeId, task.ServiceId, task.DesiredState, task.Status.State), Is.EqualTo(("node1", "", TaskState.Running, TaskState.New)));
        Assert.That(task.Spec.Attachment.ContainerId, Is.EqualTo("c1"));
        Assert.That(task.Spec.Networks.Single(), Is.EqualTo(new NetworkAttachmentConfig { Target = "n1", Addresses = { "10.0.5.9" } }));

        using var other = await manager.AddNodeAsync("node2");
        await RefusedAsync(StatusCode.PermissionDenied, $"attachment {id} doesn't belong to this node", () => DetachAsync(other, id, cancellationToken));
        await DetachAsync(node, id, cancellationToken);
        Assert.That(manager.Store.View.Tasks.All, Is.Empty);
        await RefusedAsync(StatusCode.NotFound, $"attachment {id} not found", () => DetachAsync(node, id, cancellationToken));
    }

    [Test]
    public async Task Nobody_attaches_to_a_network_that_is_not_there_or_not_open_or_without_a_certificate(CancellationToken cancellationToken)
    {
        await using var manager = await WithNetworksAsync();
        using var node = await manager.AddNodeAsync("node1");
        await RefusedAsync(StatusCode.NotFound, "network nowhere not found", () => AttachAsync(node, "nowhere", cancellationToken));
        await RefusedAsync(StatusCode.PermissionDenied, "network shut not manually attachable", () => AttachAsync(node, "shut", cancellationToken));
        await RefusedAsync(StatusCode.InvalidArgument, null, () => DetachAsync(node, "", cancellationToken));
        await manager.CreateAsync(new SwarmTask { Id = "t1", NodeId = "node1", ServiceId = "svc", Spec = new TaskSpec { Container = new ContainerSpec() } });
        await RefusedAsync(StatusCode.NotFound, "attachment t1 not found", () => DetachAsync(node, "t1", cancellationToken));
        using var stranger = manager.Channel(null);
        await RefusedAsync(StatusCode.PermissionDenied, null, () => AttachAsync(stranger, "open", cancellationToken));
        Assert.That(manager.Store.View.Tasks.All.Select(task => task.Id), Is.EqualTo(new[] { "t1" }));
    }

    [Test]
    public void A_network_gives_the_address_that_was_asked_for_once()
    {
        var addresses = new NetworkAddresses(new Network { Ipam = new IPAMOptions { Configs = { new IPAMConfig { Subnet = "10.0.5.0/24", Gateway = "10.0.5.1" } } } });
        Assert.That(addresses.TryAllocate("10.0.5.2"), Is.EqualTo("10.0.5.2/24"));
        Assert.That(addresses.TryAllocate("10.0.5.2"), Is.Null);
        Assert.That(addresses.TryAllocate("10.0.5.1/24"), Is.Null, "the gateway's");
        Assert.That(addresses.TryAllocate("10.0.6.2"), Is.Null);
        Assert.That(addresses.TryAllocate("no"), Is.Null);
        Assert.That(addresses.TryAllocate([]), Is.EqualTo(new[] { "10.0.5.3/24" }));
    }

    private static async Task<TestManager> WithNetworksAsync()
    {
        var manager = await TestManager.StartAsync();
        await manager.CreateAsync(Network("n1", "open", true), Network("n2", "shut", false));
        return manager;
    }

    private static Network Network(string id, string name, bool attachable) =>
        new() { Id = id, Spec = new NetworkSpec { Annotations = new Annotations { Name = name }, Attachable = attachable } };

    private static async Task<string> AttachAsync(GrpcChannel node, string target, CancellationToken cancellationToken, params string[] addresses)
    {
        var config = new NetworkAttachmentConfig { Target = target, Addresses = { addresses } };
        return (await node.UnaryAsync(SwarmKitMethods.AttachNetwork, new AttachNetworkRequest { Config = config, ContainerId = "c1" }, default, cancellationToken)).AttachmentId;
    }

    private static Task DetachAsync(GrpcChannel node, string id, CancellationToken cancellationToken) =>
        node.UnaryAsync(SwarmKitMethods.DetachNetwork, new DetachNetworkRequest { AttachmentId = id }, default, cancellationToken);

    private static async Task RefusedAsync(StatusCode code, string? text, Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(call);
        Assert.That(refusal!.Status.Code, Is.EqualTo(code));
        if (text is not null)
        {
            Assert.That(refusal.Status.Detail, Is.EqualTo(text));
        }
    }
}
