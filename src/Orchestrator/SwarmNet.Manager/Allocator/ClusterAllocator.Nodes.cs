using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Allocator;

internal sealed partial class ClusterAllocator
{
    private readonly Dictionary<string, NodeUse> _nodes = new(StringComparer.Ordinal);

    private void ObserveNode(Node? before, Node? after)
    {
        if (after is null)
        {
            if (_nodes.Remove(before!.Id, out var gone))
            {
                ReleaseAll(gone.Addresses);
            }

            return;
        }

        var use = UseOf(after.Id);
        var addresses = after.Attachments.Where(a => a.Addresses.Count > 0).ToDictionary(a => a.Network.Id, a => a.Addresses[0]);
        foreach (var (networkId, address) in addresses)
        {
            if (_networks.TryGetValue(networkId, out var network))
            {
                network.TryReserve(address);
            }
        }

        var freed = use.Addresses.Where(old => addresses.GetValueOrDefault(old.Key) != old.Value).ToDictionary();
        use.Addresses = addresses;
        ReleaseAll(freed);
        if (before is null)
        {
            _pendingNodes.Add(after.Id);
        }
    }

    /// <summary>Gives the node one (IPv4) address in each overlay network that it takes part in, and takes back the others.</summary>
    private void PlanNode(WriteBatch batch, StoreView view, string id)
    {
        if (view.Nodes.Get(id) is null)
        {
            return;
        }

        var use = UseOf(id);
        HashSet<string> wanted = [.. use.TasksByNetwork.Keys.Where(_networks.ContainsKey)];
        if (_ingressId is not null)
        {
            wanted.Add(_ingressId);
        }

        Dictionary<string, string> added = [];
        foreach (var networkId in wanted.Where(networkId => !use.Addresses.ContainsKey(networkId)).Order(StringComparer.Ordinal))
        {
            if (_networks[networkId].TryAllocate(ipv6: false) is { } address)
            {
                added[networkId] = address;
            }
            else
            {
                Stuck(_pendingNodes, id);
            }
        }

        if (added.Count == 0 && use.Addresses.Keys.All(wanted.Contains))
        {
            return;
        }

        batch.Add(
            transaction => WriteNode(transaction, id, wanted, added),
            () =>
            {
                ReleaseAll(added);
                _pendingNodes.Add(id);
            });
    }

    private bool WriteNode(StoreTransaction transaction, string id, HashSet<string> wanted, Dictionary<string, string> added)
    {
        if (transaction.View.Nodes.Get(id) is not { } current)
        {
            return false;
        }

        var node = current.Clone();
        for (var i = node.Attachments.Count - 1; i >= 0; i--)
        {
            if (!wanted.Contains(node.Attachments[i].Network.Id))
            {
                node.Attachments.RemoveAt(i);
            }
        }

        foreach (var (networkId, address) in added)
        {
            node.Attachments.Add(new NetworkAttachment { Network = _networks[networkId].Network.Clone(), Addresses = { address } });
        }

        transaction.Update(node);
        return true;
    }

    private NodeUse UseOf(string nodeId)
    {
        if (!_nodes.TryGetValue(nodeId, out var use))
        {
            _nodes[nodeId] = use = new NodeUse();
        }

        return use;
    }

    private void ReleaseAll(IReadOnlyDictionary<string, string> addressByNetwork)
    {
        foreach (var (networkId, address) in addressByNetwork)
        {
            Release(networkId, address);
        }
    }

    private void Release(string networkId, string address)
    {
        if (_networks.TryGetValue(networkId, out var network))
        {
            network.Release(address);
            RetryStuck();
        }
    }

    /// <summary>What a node needs and has: its live tasks per overlay network, its load-balancer address per network.</summary>
    private sealed class NodeUse
    {
        public Dictionary<string, HashSet<string>> TasksByNetwork { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, string> Addresses { get; set; } = new(StringComparer.Ordinal);
    }
}
