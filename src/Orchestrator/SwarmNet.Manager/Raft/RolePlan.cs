using SwarmNet.Manager.Store;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Manager.Raft;

/// <summary>
/// What the leader does next so that the Raft membership and the nodes' roles become what the nodes' specifications ask for (SwarmKit
/// <c>manager/role_manager.go</c>). Pure: from what is to what should be, in steps that are safe one by one.
/// </summary>
/// <param name="Changes">Changes of the membership, to be made together; empty = none.</param>
/// <param name="TransferTo">The member that should lead, since this one is to leave; 0 = none.</param>
/// <param name="Nodes">Nodes whose stored role or manager's status must change, as they should be.</param>
internal sealed record RolePlan(IReadOnlyList<MembershipChange> Changes, ulong TransferTo, IReadOnlyList<Node> Nodes)
{
    /// <summary>A learner that lacks no more entries than this gets its vote: it has the rest within a round trip.</summary>
    public const ulong CaughtUpEntries = 64;

    /// <summary>Plans.</summary>
    /// <param name="view">The store.</param>
    /// <param name="membership">Raft's membership in force.</param>
    /// <param name="progress">What this leader knows of each member.</param>
    /// <param name="self">This leader's Raft id.</param>
    /// <param name="isReachable">Whether a member has answered lately.</param>
    public static RolePlan Next(
        StoreView view, RaftMembership membership, IReadOnlyList<RaftPeerProgress> progress, ulong self, Func<ulong, bool> isReachable)
    {
        var wanted = view.Nodes.All
            .Where(node => node.Spec?.DesiredRole == NodeRole.Manager && node.ManagerStatus is { RaftId: not 0 })
            .Select(node => node.ManagerStatus.RaftId)
            .ToHashSet();
        List<MembershipChange> changes = [];
        ulong transferTo = 0;
        if (!membership.IsJoint)
        {
            changes.AddRange(wanted.Where(id => !IsMember(membership, id)).Order().Select(id => new MembershipChange(MembershipChangeType.AddLearner, id)));
            changes.AddRange(membership.Learners.Where(id => wanted.Contains(id) && IsCaughtUp(progress, id, self)).Select(id => new MembershipChange(MembershipChangeType.AddVoter, id)));
            changes.AddRange(membership.Learners.Where(id => !wanted.Contains(id)).Select(id => new MembershipChange(MembershipChangeType.Remove, id)));

            // One voter at a time, and only while those that are left can still agree on it.
            var leaving = membership.Voters.Where(id => !wanted.Contains(id) && IsSafe(membership, id, isReachable)).OrderBy(id => id == self).FirstOrDefault();
            if (leaving == self && leaving != 0)
            {
                transferTo = progress
                    .Where(peer => peer.NodeId != self && !peer.IsLearner && wanted.Contains(peer.NodeId) && isReachable(peer.NodeId))
                    .OrderByDescending(peer => peer.MatchIndex)
                    .Select(peer => peer.NodeId)
                    .FirstOrDefault();
            }
            else if (leaving != 0)
            {
                changes.Add(new MembershipChange(MembershipChangeType.Remove, leaving));
            }
        }

        return new RolePlan(changes, transferTo, [.. view.Nodes.All.Select(node => Settled(node, membership, self, isReachable)).OfType<Node>()]);
    }

    /// <summary>The node as the store should have it; null when it has it so, which costs nothing: most nodes are workers, all the time.</summary>
    private static Node? Settled(Node node, RaftMembership membership, ulong self, Func<ulong, bool> isReachable)
    {
        var status = node.ManagerStatus;
        var raftId = status?.RaftId ?? 0;
        if (node.Spec?.DesiredRole == NodeRole.Manager)
        {
            var leads = raftId != 0 && raftId == self;
            var reachability = leads || (raftId != 0 && isReachable(raftId)) ? Reachability.Reachable : Reachability.Unreachable;
            if (node.Role == NodeRole.Manager && (raftId == 0 || (status!.Leader == leads && status.Reachability == reachability)))
            {
                return null;
            }

            var manager = node.Clone();
            manager.Role = NodeRole.Manager;
            if (raftId != 0)
            {
                manager.ManagerStatus.Leader = leads;
                manager.ManagerStatus.Reachability = reachability;
            }

            return manager;
        }

        if ((node.Role == NodeRole.Worker && status is null) || (raftId != 0 && IsMember(membership, raftId)))
        {
            return null;
        }

        var worker = node.Clone();
        worker.Role = NodeRole.Worker;
        worker.ManagerStatus = null;
        return worker;
    }

    private static bool IsMember(RaftMembership membership, ulong id) =>
        membership.Voters.Contains(id) || membership.Learners.Contains(id) || membership.Outgoing.Contains(id) || membership.NextLearners.Contains(id);

    private static bool IsCaughtUp(IReadOnlyList<RaftPeerProgress> progress, ulong id, ulong self)
    {
        var own = progress.FirstOrDefault(peer => peer.NodeId == self).MatchIndex;
        return progress.Any(peer => peer.NodeId == id && peer.IsActive && !peer.IsReceivingSnapshot && peer.MatchIndex > 0 && peer.MatchIndex + CaughtUpEntries >= own);
    }

    private static bool IsSafe(RaftMembership membership, ulong leaving, Func<ulong, bool> isReachable)
    {
        var before = membership.Voters.Count(isReachable);
        var after = membership.Voters.Count(id => id != leaving && isReachable(id));
        return membership.Voters.Count > 1 && before > membership.Voters.Count / 2 && after > (membership.Voters.Count - 1) / 2;
    }
}
