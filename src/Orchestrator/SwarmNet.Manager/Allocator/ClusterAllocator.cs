using System.Net;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Allocator;

/// <summary>
/// Gives networks their subnets and VNIs, services their virtual addresses and published ports, tasks their addresses, nodes their
/// load-balancer addresses (SwarmKit <c>manager/allocator</c>). What is allocated is written into the objects and nowhere else; the
/// pools in memory are rebuilt from the store. A task moves from NEW to PENDING when it has all it needs.
/// </summary>
internal sealed partial class ClusterAllocator : IReconciler
{
    /// <summary>Objects that one batch writes at most.</summary>
    private const int BatchSize = 150;

    private const uint FirstVni = 4096;
    private const uint LastVni = (1 << 24) - 1;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(5);

    private readonly SortedSet<string> _pendingNetworks = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _pendingNodes = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _pendingServices = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _pendingTasks = new(StringComparer.Ordinal);

    // What could not be had; tried again when anything is freed, or after a while.
    private readonly List<(SortedSet<string> Queue, string Id)> _stuck = [];

    private SubnetPool _subnets = new([], 24);
    private SubnetPool _subnets6 = new([], DefaultPool6.SubnetSize);
    private SerialPool _vnis = new(FirstVni, LastVni);
    private PublishedPorts _ports = new();
    private DateTimeOffset? _retryAt;

    /// <inheritdoc/>
    public DateTimeOffset? Due => HasPending ? DateTimeOffset.MinValue : _retryAt;

    private bool HasPending =>
        _pendingNetworks.Count + _pendingNodes.Count + _pendingServices.Count + _pendingTasks.Count > 0;

    /// <inheritdoc/>
    public bool Wants(in StoreEvent change) => (change.Before, change.After) switch
    {
        (SwarmTask before, SwarmTask after) => before.NodeId != after.NodeId || before.IsDead() != after.IsDead()
            || after.Status.State == TaskState.New || before.Status.State == TaskState.New,
        (SwarmTask, null) or (null, SwarmTask) => true,
        (Node before, Node after) => !before.Attachments.Equals(after.Attachments),
        (Node, null) or (null, Node) => true,
        (Service, _) or (_, Service) or (Network, _) or (_, Network) => true,
        _ => false,
    };

    /// <inheritdoc/>
    public void Reset(StoreView view, DateTimeOffset now)
    {
        ClearState();
        var cluster = view.Cluster;
        var pools = cluster is { DefaultAddressPool.Count: > 0 } ? cluster.DefaultAddressPool.Select(IPNetwork.Parse).ToList()
            : [IPNetwork.Parse("10.0.0.0/8")];
        _subnets = new SubnetPool([.. pools.Where(static pool => !pool.IsIPv6())], cluster is { SubnetSize: > 0 } ? (int)cluster.SubnetSize : 24);
        var pools6 = pools.Where(static pool => pool.IsIPv6()).ToList();
        _subnets6 = new SubnetPool(pools6.Count > 0 ? pools6 : [DefaultPool6.Of(cluster?.Id ?? string.Empty)], DefaultPool6.SubnetSize);

        // Everything that is taken first, then what is missing: nothing new may get an old one's address.
        foreach (var network in view.Networks.All)
        {
            ObserveNetwork(null, network);
        }

        foreach (var node in view.Nodes.All)
        {
            ObserveNode(null, node);
        }

        foreach (var service in view.Services.All)
        {
            ObserveService(null, service);
        }

        foreach (var task in view.Tasks.All)
        {
            ObserveTask(null, task);
        }

        // Addresses of nodes for networks that they no longer use.
        _pendingNodes.UnionWith(view.Nodes.All.Select(node => node.Id));
    }

    /// <inheritdoc/>
    public void Observe(in StoreEvent change, DateTimeOffset now)
    {
        switch (change.Subject)
        {
            case Network: ObserveNetwork((Network?)change.Before, (Network?)change.After); break;
            case Node: ObserveNode((Node?)change.Before, (Node?)change.After); break;
            case Service: ObserveService((Service?)change.Before, (Service?)change.After); break;
            case SwarmTask: ObserveTask((SwarmTask?)change.Before, (SwarmTask?)change.After); break;
        }
    }

    /// <inheritdoc/>
    public IBatch? Plan(StoreView view, DateTimeOffset now)
    {
        if (_retryAt <= now)
        {
            RetryStuck();
        }

        var batch = new WriteBatch();
        while (batch.Count < BatchSize && HasPending)
        {
            if (Take(_pendingNetworks) is { } networkId)
            {
                PlanNetwork(batch, view, networkId);
            }
            else if (Take(_pendingNodes) is { } nodeId)
            {
                PlanNode(batch, view, nodeId);
            }
            else if (Take(_pendingServices) is { } serviceId)
            {
                PlanService(batch, view, serviceId);
            }
            else if (Take(_pendingTasks) is { } taskId)
            {
                PlanTask(batch, view, taskId);
            }
        }

        _retryAt = _stuck.Count == 0 ? null : _retryAt ?? now + RetryInterval;
        return batch.Count > 0 ? batch : null;
    }

    private static string? Take(SortedSet<string> queue)
    {
        var first = queue.Min;
        if (first is not null)
        {
            queue.Remove(first);
        }

        return first;
    }

    private void ClearState()
    {
        _pendingNetworks.Clear();
        _pendingNodes.Clear();
        _pendingServices.Clear();
        _pendingTasks.Clear();
        _stuck.Clear();
        _retryAt = null;
        _vnis = new SerialPool(FirstVni, LastVni);
        _ports = new PublishedPorts();
        _networks.Clear();
        _nodeLocal.Clear();
        _ingressId = null;
        _services.Clear();
        _serviceErrors.Clear();
        _tasks.Clear();
        _waiting.Clear();
        _nodes.Clear();
    }

    private void Stuck(SortedSet<string> queue, string id) => _stuck.Add((queue, id));

    private void RetryStuck()
    {
        foreach (var (queue, id) in _stuck)
        {
            queue.Add(id);
        }

        _stuck.Clear();
        _retryAt = null;
    }

    private static bool IsIngress(Network network) => NetworkRules.IsIngress(network);
}
