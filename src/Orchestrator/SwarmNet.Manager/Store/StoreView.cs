using Google.Protobuf;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Store;

/// <summary>
/// The whole store at one moment. Immutable and safe to share; the objects in it are shared too and must never be mutated:
/// <c>Clone()</c> first. See <see cref="ClusterStore"/>.
/// </summary>
public sealed record StoreView
{
    /// <summary>A store with nothing in it.</summary>
    public static StoreView Empty { get; } = new();

    /// <summary>Nodes.</summary>
    public StoreTable<Node> Nodes { get; private init; } = StoreTable<Node>.Empty;

    /// <summary>Services.</summary>
    public StoreTable<Service> Services { get; private init; } = StoreTable<Service>.Empty;

    /// <summary>Tasks.</summary>
    public StoreTable<SwarmTask> Tasks { get; private init; } = StoreTable<SwarmTask>.Empty;

    /// <summary>Networks of the swarm.</summary>
    public StoreTable<Network> Networks { get; private init; } = StoreTable<Network>.Empty;

    /// <summary>Clusters: exactly one, once the swarm exists.</summary>
    public StoreTable<Cluster> Clusters { get; private init; } = StoreTable<Cluster>.Empty;

    /// <summary>Secrets, with their data.</summary>
    public StoreTable<Secret> Secrets { get; private init; } = StoreTable<Secret>.Empty;

    /// <summary>Configs, with their data.</summary>
    public StoreTable<Config> Configs { get; private init; } = StoreTable<Config>.Empty;

    /// <summary>Log index of the last transaction in this view.</summary>
    public ulong Index { get; internal init; }

    /// <summary>The cluster object; null before the swarm exists.</summary>
    public Cluster? Cluster => Clusters.FindByName("default");

    private TaskIndex<string> ByService { get; init; } = TaskIndex<string>.Empty;

    private TaskIndex<string> ByNode { get; init; } = TaskIndex<string>.Empty;

    private TaskIndex<SlotKey> BySlot { get; init; } = TaskIndex<SlotKey>.Empty;

    /// <summary>All tasks of a service, finished ones too, ordered by id.</summary>
    public IReadOnlyCollection<SwarmTask> TasksOfService(string serviceId) => ByService[serviceId];

    /// <summary>All tasks assigned to a node, finished ones too, ordered by id. Empty id: the tasks without a node.</summary>
    public IReadOnlyCollection<SwarmTask> TasksOfNode(string nodeId) => ByNode[nodeId];

    /// <summary>All tasks of one slot (replicated) or of one service on one node (global), finished ones too, ordered by id.</summary>
    public IReadOnlyCollection<SwarmTask> TasksOfSlot(SlotKey slot) => BySlot[slot];

    /// <summary>All of it as it is stored and sent. The objects are shared.</summary>
    internal StoreSnapshot ToSnapshot()
    {
        var snapshot = new StoreSnapshot { VersionIndex = Index };
        snapshot.Nodes.AddRange(Nodes.All);
        snapshot.Services.AddRange(Services.All);
        snapshot.Networks.AddRange(Networks.All);
        snapshot.Tasks.AddRange(Tasks.All);
        snapshot.Clusters.AddRange(Clusters.All);
        snapshot.Secrets.AddRange(Secrets.All);
        snapshot.Configs.AddRange(Configs.All);
        return snapshot;
    }

    internal IMessage? Get(IMessage like) => like switch
    {
        SwarmTask task => Tasks.Get(task.Id),
        Node node => Nodes.Get(node.Id),
        Service service => Services.Get(service.Id),
        Network network => Networks.Get(network.Id),
        Cluster cluster => Clusters.Get(cluster.Id),
        Secret secret => Secrets.Get(secret.Id),
        Config config => Configs.Get(config.Id),
        _ => null,
    };

    /// <summary>Another object of the same kind with the same name, if there is one.</summary>
    internal IMessage? FindNamesake(IMessage value)
    {
        if (StoreObject.UniqueName(value) is not { } name)
        {
            return null;
        }

        IMessage? found = value switch
        {
            Service => Services.FindByName(name),
            Network => Networks.FindByName(name),
            Cluster _ => Clusters.FindByName(name),
            Secret => Secrets.FindByName(name),
            Config => Configs.FindByName(name),
            _ => null,
        };
        return found is not null && StoreObject.Id(found) != StoreObject.Id(value) ? found : null;
    }

    internal StoreView Set(IMessage value) => value switch
    {
        SwarmTask task => SetTask(task),
        Node node => this with { Nodes = Nodes.Set(node) },
        Service service => this with { Services = Services.Set(service) },
        Network network => this with { Networks = Networks.Set(network) },
        Cluster cluster => this with { Clusters = Clusters.Set(cluster) },
        Secret secret => this with { Secrets = Secrets.Set(secret) },
        Config config => this with { Configs = Configs.Set(config) },
        _ => this,
    };

    internal StoreView Remove(IMessage value) => value switch
    {
        SwarmTask task => RemoveTask(task.Id),
        Node node => this with { Nodes = Nodes.Remove(node.Id) },
        Service service => this with { Services = Services.Remove(service.Id) },
        Network network => this with { Networks = Networks.Remove(network.Id) },
        Cluster cluster => this with { Clusters = Clusters.Remove(cluster.Id) },
        Secret secret => this with { Secrets = Secrets.Remove(secret.Id) },
        Config config => this with { Configs = Configs.Remove(config.Id) },
        _ => this,
    };

    private StoreView SetTask(SwarmTask task)
    {
        var (byService, byNode, bySlot) = (ByService, ByNode, BySlot);
        if (Tasks.Get(task.Id) is { } before)
        {
            if (before.ServiceId != task.ServiceId)
            {
                byService = byService.Remove(before.ServiceId, task.Id);
            }

            if (before.NodeId != task.NodeId)
            {
                byNode = byNode.Remove(before.NodeId, task.Id);
            }

            if (SlotKey.Of(before) != SlotKey.Of(task))
            {
                bySlot = bySlot.Remove(SlotKey.Of(before), task.Id);
            }
        }

        return this with
        {
            Tasks = Tasks.Set(task),
            ByService = byService.Set(task.ServiceId, task),
            ByNode = byNode.Set(task.NodeId, task),
            BySlot = bySlot.Set(SlotKey.Of(task), task),
        };
    }

    private StoreView RemoveTask(string id)
    {
        if (Tasks.Get(id) is not { } task)
        {
            return this;
        }

        return this with
        {
            Tasks = Tasks.Remove(id),
            ByService = ByService.Remove(task.ServiceId, id),
            ByNode = ByNode.Remove(task.NodeId, id),
            BySlot = BySlot.Remove(SlotKey.Of(task), id),
        };
    }
}
