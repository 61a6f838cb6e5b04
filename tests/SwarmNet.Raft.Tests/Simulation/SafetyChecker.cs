namespace SwarmNet.Raft.Tests;

/// <summary>The properties of Raft paper figure 3 and what follows from them, over all nodes and all of the past.</summary>
internal sealed class SafetyChecker(RaftMembership first)
{
    private readonly Dictionary<ulong, ulong> _leaders = [];
    private readonly Dictionary<(ulong Index, ulong Term), ulong> _logs = [];

    // Entry i + 1: its chain, and the term of the node that was first to see it committed.
    private readonly List<(ulong Chain, ulong Term)> _committed = [];
    private readonly List<(ulong Index, RaftMembership Membership)> _memberships = [(0, first)];

    public ulong Committed => (ulong)_committed.Count;

    public RaftMembership Membership => _memberships[^1].Membership;

    /// <summary>Leaders that there were.</summary>
    public int Elections => _leaders.Count;

    public RaftMembership MembershipAt(ulong index) => _memberships.FindLast(m => m.Index <= index).Membership;

    /// <summary>Log matching: the same index and term mean the same entry and the same log before it, wherever and whenever seen.</summary>
    public void Appended(ulong node, ulong index, ulong term, ulong chain)
    {
        if (!_logs.TryAdd((index, term), chain) && _logs[(index, term)] != chain)
        {
            throw new SimulationFailure("log matching", $"node {node} has another log up to entry {index} of term {term} than there was before");
        }
    }

    /// <summary>Election safety and leader completeness.</summary>
    public void Elected(SimulatedNode node, ulong term)
    {
        if (!_leaders.TryAdd(term, node.Id) && _leaders[term] != node.Id)
        {
            throw new SimulationFailure("election safety", $"nodes {_leaders[term]} and {node.Id} both lead term {term}");
        }

        int count = _committed.Count;
        while (count > 0 && _committed[count - 1].Term >= term)
        {
            count--;
        }

        if (count > 0 && !node.Log.Has((ulong)count, _committed[count - 1].Chain))
        {
            throw new SimulationFailure("leader completeness", $"node {node.Id} leads term {term} without entry {count}, committed in term {_committed[count - 1].Term}");
        }
    }

    /// <summary>State machine safety: one log is committed. And what is committed first is durable at a majority.</summary>
    public void SawCommitted(SimulatedNode node, ulong index, ulong term, IReadOnlyList<SimulatedNode?> all)
    {
        ulong chain = node.Log.ChainAt(index);
        if (index <= Committed)
        {
            if (_committed[(int)index - 1].Chain != chain)
            {
                throw new SimulationFailure("state machine safety", $"node {node.Id} holds another entry {index} committed than another node did");
            }

            return;
        }

        _committed.Add((chain, term));
        LogEntry entry = node.Log.EntryAt(index);
        RaftMembership inForce = node.Log.Membership;
        if (!IsDurable(inForce.Voters, index, chain, all) || (inForce.IsJoint && !IsDurable(inForce.Outgoing, index, chain, all)))
        {
            throw new SimulationFailure("durable majority", $"node {node.Id} commits entry {index} in term {term}, which is not on the disks of a majority of {inForce}");
        }

        if (entry.Type == EntryType.Membership && RaftMembership.TryParse(entry.Data.Span, out RaftMembership membership))
        {
            _memberships.Add((index, membership));
        }
    }

    public void Restored(SimulatedNode node, ulong index, ulong chain)
    {
        if (index > Committed || (index > 0 && _committed[(int)index - 1].Chain != chain))
        {
            throw new SimulationFailure("snapshot", $"node {node.Id} restores a state as of entry {index} that never was");
        }
    }

    private static bool IsDurable(IReadOnlyList<ulong> voters, ulong index, ulong chain, IReadOnlyList<SimulatedNode?> all)
    {
        int count = 0;
        for (int i = 0; i < voters.Count; i++)
        {
            count += voters[i] < (ulong)all.Count && all[(int)voters[i]] is { } node && node.Disk.Has(index, chain) ? 1 : 0;
        }

        return count > voters.Count / 2;
    }
}
