using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

/// <summary>
/// The members of Raft as the store knows them, and what the swarm can lose (SwarmKit <c>raft.CanRemoveMember</c>). A node is a member
/// when its <see cref="Node.ManagerStatus"/> has a Raft id, whatever role is wanted of it: one that is being demoted still counts.
/// </summary>
internal readonly struct ManagerQuorum
{
    private readonly List<Node> members;

    private ManagerQuorum(List<Node> members) => this.members = members;

    public static ManagerQuorum Of(StoreView view) => new([.. view.Nodes.All.Where(node => node.ManagerStatus is { RaftId: not 0 })]);

    public bool IsMember(string nodeId) => members.Exists(node => node.Id == nodeId);

    /// <summary>No other member is to stay a manager.</summary>
    public bool IsLast(string nodeId) =>
        IsMember(nodeId) && !members.Exists(node => node.Id != nodeId && node.Spec?.DesiredRole == NodeRole.Manager);

    /// <summary>The others that can be reached are a majority of the others. The leader is among those it can reach.</summary>
    public bool SurvivesWithout(string nodeId)
    {
        var others = members.FindAll(node => node.Id != nodeId);
        var reachable = others.Count(node => node.ManagerStatus.Leader || node.ManagerStatus.Reachability == Reachability.Reachable);
        return reachable >= (others.Count / 2) + 1;
    }
}
