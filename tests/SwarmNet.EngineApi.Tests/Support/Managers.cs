using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Tests.Support;

/// <summary>Swarms of several managers, as their stores say.</summary>
internal static class Managers
{
    /// <summary>
    /// A swarm of nodes node1, node2 ...: <c>L</c> leads, <c>r</c> can be reached, <c>u</c> cannot, <c>?</c> is not known of,
    /// <c>w</c> is a worker.
    /// </summary>
    public static StoreSnapshot Snapshot(string nodes)
    {
        var snapshot = new StoreSnapshot { VersionIndex = 100 };
        var recorded = GoldenFile.Load("09-nodes-three-managers").Body.EnumerateArray().Select(GoldenObjects.Node).First();
        snapshot.Nodes.Add(nodes.Select((state, i) => Node(recorded.Clone(), i + 1, state)));
        snapshot.Clusters.Add(GoldenObjects.Cluster(GoldenFile.Load("02-swarm").Body));
        return snapshot;
    }

    private static Node Node(Node node, int number, char state)
    {
        node.Id = $"node{number}aaaaaaaaaaaaaaaaaaaa";
        node.Description.Hostname = $"node{number}";
        node.Status.Addr = $"10.200.0.{number}";
        node.Spec.DesiredRole = state == 'w' ? NodeRole.Worker : NodeRole.Manager;
        node.ManagerStatus = state == 'w' ? null : new ManagerStatus
        {
            RaftId = (ulong)number,
            Addr = $"10.200.0.{number}:2377",
            Leader = state == 'L',
            Reachability = state switch { 'u' => Reachability.Unreachable, '?' => Reachability.Unknown, _ => Reachability.Reachable },
        };
        return node;
    }
}
