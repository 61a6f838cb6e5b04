using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests.Store;

/// <summary>A store on a log in memory.</summary>
internal sealed class StoreFixture : IAsyncDisposable
{
    public StoreFixture()
    {
        Store = new ClusterStore(Time);
        Log = new MemoryLog(Store);
        Store.Start(Log);
    }

    public ManualTime Time { get; } = new();

    public ClusterStore Store { get; }

    public MemoryLog Log { get; }

    public StoreView View => Store.View;

    public Task Create(params Google.Protobuf.IMessage[] objects) => Store.UpdateAsync(
        transaction =>
        {
            foreach (var value in objects)
            {
                transaction.Create(value);
            }
        },
        CancellationToken.None);

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    public static Service Service(string id, string name) => new() { Id = id, Spec = new ServiceSpec { Annotations = new Annotations { Name = name } } };

    public static SwarmTask Task(string id, string serviceId, ulong slot, string nodeId = "") => new()
    {
        Id = id,
        ServiceId = serviceId,
        Slot = slot,
        NodeId = nodeId,
        Status = new TaskStatus(),
    };
}
