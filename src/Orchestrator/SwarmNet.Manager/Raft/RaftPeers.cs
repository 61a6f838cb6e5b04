using System.Collections.Immutable;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Raft;

/// <summary>
/// Where the other managers are and who they are: what the store says, or before there is one, what this manager was told when it joined.
/// Whoever is not in here gets no connection and is given none. Thread-safe.
/// </summary>
internal sealed class RaftPeers
{
    private volatile ImmutableDictionary<ulong, RaftPeer> _peers = ImmutableDictionary<ulong, RaftPeer>.Empty;

    public RaftPeers(IEnumerable<RaftPeer> known) => Replace(known);

    public IReadOnlyCollection<RaftPeer> All => [.. _peers.Values.OrderBy(peer => peer.RaftId)];

    public RaftPeer? Find(ulong raftId) => _peers.GetValueOrDefault(raftId);

    /// <summary>Takes the members that the store knows; true when that changes anything. A store that knows none is not one yet.</summary>
    public bool Update(StoreView view)
    {
        var members = Members(view).ToList();
        return members.Count > 0 && Replace(members);
    }

    public bool Replace(IEnumerable<RaftPeer> peers)
    {
        var after = peers.ToImmutableDictionary(peer => peer.RaftId);
        var before = _peers;
        if (before.Count == after.Count && after.All(entry => before.GetValueOrDefault(entry.Key) == entry.Value))
        {
            return false;
        }

        _peers = after;
        return true;
    }

    /// <summary>The nodes that are, or are about to be, members.</summary>
    public static IEnumerable<RaftPeer> Members(StoreView view) => view.Nodes.All
        .Where(node => node.ManagerStatus is { RaftId: not 0 })
        .Select(node => new RaftPeer(node.ManagerStatus.RaftId, node.Id, node.ManagerStatus.Addr));
}
