using SwarmNet.Grpc;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Tests.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests.Control;

/// <summary>A control API on a store in memory, with a cluster and an ingress network in it.</summary>
internal sealed class ControlFixture : IAsyncDisposable
{
    private readonly StoreFixture _fixture = new();

    public ControlFixture() => Control = new ControlApi(_fixture.Store);

    public ControlApi Control { get; }

    public Manager.Store.StoreView View => _fixture.View;

    public Manager.Store.ClusterStore Store => _fixture.Store;

    public Task CreateBasics() => Create(
        new Cluster
        {
            Id = "cluster",
            Spec = ClusterBootstrap.WithDefaults(null),
            RootCa = new RootCA { JoinTokens = new JoinTokens { Worker = "SWMTKN-1-digest-worker", Manager = "SWMTKN-1-digest-manager" } },
        },
        new Network { Id = "ingressid", Spec = new NetworkSpec { Annotations = new Annotations { Name = "ingress" }, Ingress = true } });

    public Task Create(params Google.Protobuf.IMessage[] objects) => _fixture.Create(objects);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    /// <summary>The refusal that the call ends in, as Docker's clients see it.</summary>
    public static async Task<string> RefusalOf(Func<Task> call)
    {
        var error = (await Assert.ThrowsAsync<ControlException>(() => call()))!;
        Assert.That(error.Code, Is.Not.EqualTo(StatusCode.OK));
        return $"rpc error: code = {error.Code} desc = {error.Message}";
    }
}
