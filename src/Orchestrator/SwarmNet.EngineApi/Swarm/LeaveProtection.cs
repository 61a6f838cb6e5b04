using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>
/// Why a node does not leave its swarm without force (moby <c>daemon/cluster/swarm.go</c>, <c>Leave</c>): a manager must be demoted first, so
/// that Raft does not count on it any more. The sentence tells what would be lost.
/// </summary>
public static class LeaveProtection
{
    private const string Locked = "Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore this message.";
    private const string Leaving = "You are attempting to leave the swarm on a node that is participating as a manager. ";
    private const string Last = "Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message. ";
    private const string ControlPlaneDown = "Doing so may lose the consensus of your cluster. ";

    private const string LostConsensus =
        "The only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`. "
        + "Use `--force` to suppress this message.";

    /// <summary>The refusal (HTTP 503) of a node that is asked to leave without force; null when it may go: workers may at any time.</summary>
    /// <param name="state">This node's state.</param>
    /// <param name="isManager">Whether this node takes part as a manager, whatever state its manager is in.</param>
    /// <param name="view">The store of this node's manager; null while it is starting or stopped by an error.</param>
    /// <param name="nodeId">This node.</param>
    /// <param name="hasLeader">
    /// Whether the swarm has a leader. Without one the replica's word on the other managers is out of date; Docker does not count then.
    /// </param>
    public static string? Refusal(LocalNodeState state, bool isManager, StoreView? view, string nodeId, bool hasLeader) => (state, view) switch
    {
        (LocalNodeState.Locked, _) => Locked,
        _ when !isManager => null,
        (_, null) => Leaving + ControlPlaneDown + LostConsensus,
        _ when !hasLeader => Leaving + LostConsensus,
        (_, { } store) => OfActiveManager(store, nodeId),
    };

    private static string OfActiveManager(StoreView view, string nodeId)
    {
        var managers = view.Nodes.All.Where(node => node.ManagerStatus is not null).ToList();
        var reachable = managers.Count(IsReachable);
        var unreachable = managers.Count(node => node.ManagerStatus.Reachability == Reachability.Unreachable);

        // One who is not counted itself takes nothing away; and with two more than the rest, the ones who stay are still a majority.
        if (!managers.Exists(node => node.Id == nodeId && IsReachable(node)) || reachable - 2 > unreachable)
        {
            return Leaving + LostConsensus;
        }

        return (reachable, unreachable) == (1, 0)
            ? Leaving + Last
            : $"{Leaving}Removing this node leaves {reachable - 1} managers out of {reachable + unreachable}. "
                + $"Without a Raft quorum your swarm will be inaccessible. {LostConsensus}";
    }

    // The leader reaches itself, even in a store whose last word on it was written before it led.
    private static bool IsReachable(Node node) => node.ManagerStatus.Leader || node.ManagerStatus.Reachability == Reachability.Reachable;
}
