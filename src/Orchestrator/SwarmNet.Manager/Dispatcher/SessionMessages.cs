using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Dispatcher;

/// <summary>What a node is told about itself and the swarm. Pure.</summary>
internal static class SessionMessages
{
    private const long ManagerWeight = 10;

    /// <summary>
    /// The message for a node; null when it must not be sent: the node is gone, or no manager's address is known. A stock engine forgets every
    /// manager that is not in the list, and saves that.
    /// </summary>
    public static SessionMessage? Build(StoreView view, string nodeId, string sessionId)
    {
        if (view.Nodes.Get(nodeId) is not { } node || view.Cluster is not { } cluster)
        {
            return null;
        }

        var message = new SessionMessage { SessionId = sessionId, Node = node, RootCa = cluster.RootCa.CaCert };
        message.NetworkBootstrapKeys.AddRange(cluster.NetworkBootstrapKeys);
        foreach (var manager in view.Nodes.All)
        {
            if (manager.ManagerStatus is { Addr.Length: > 0 } status)
            {
                message.Managers.Add(new WeightedPeer { Peer = new Peer { NodeId = manager.Id, Addr = status.Addr }, Weight = ManagerWeight });
            }
        }

        return message.Managers.Count > 0 ? message : null;
    }

    /// <summary>Whether the node should hear about it: what it reported itself, its status and versions do not count.</summary>
    public static bool Differ(SessionMessage before, SessionMessage after)
        => !before.Managers.Equals(after.Managers)
            || !before.NetworkBootstrapKeys.Equals(after.NetworkBootstrapKeys)
            || !before.RootCa.Equals(after.RootCa)
            || (!ReferenceEquals(before.Node, after.Node) && !Stable(before.Node).Equals(Stable(after.Node)));

    private static Node Stable(Node node)
    {
        var stable = node.Clone();
        stable.Meta = null;
        stable.Status = null;
        stable.Description = null;
        return stable;
    }
}
