namespace SwarmNet.Raft.Tests;

/// <summary>A log with the chain of each entry, and the membership that is in force by it, worked out apart from the core.</summary>
internal sealed class LogMirror
{
    private readonly List<(LogEntry Entry, ulong Chain)> _entries = [];
    private readonly List<(ulong Index, RaftMembership Membership)> _memberships = [];
    private ulong _baseChain;

    public LogMirror(ulong baseIndex, ulong baseChain, RaftMembership membership) => Reset(baseIndex, baseChain, membership);

    public ulong BaseIndex { get; private set; }

    public ulong LastIndex => BaseIndex + (ulong)_entries.Count;

    public RaftMembership Membership => _memberships[^1].Membership;

    public void Reset(ulong baseIndex, ulong baseChain, RaftMembership membership)
    {
        _entries.Clear();
        _memberships.Clear();
        _memberships.Add((baseIndex, membership));
        BaseIndex = baseIndex;
        _baseChain = baseChain;
    }

    /// <summary>Appends, after removing what is at and after the entry's place; returns the chain.</summary>
    public ulong Append(in LogEntry entry)
    {
        RemoveFrom(entry.Index);
        ulong chain = ChainHash.Next(LastIndex == BaseIndex ? _baseChain : _entries[^1].Chain, entry);
        _entries.Add((entry, chain));
        if (entry.Type == EntryType.Membership && RaftMembership.TryParse(entry.Data.Span, out RaftMembership membership))
        {
            _memberships.Add((entry.Index, membership));
        }

        return chain;
    }

    public void RemoveFrom(ulong index)
    {
        if (index > LastIndex)
        {
            return;
        }

        int keep = (int)(index - BaseIndex - 1);
        _entries.RemoveRange(keep, _entries.Count - keep);
        _memberships.RemoveAll(m => m.Index >= index && m.Index > BaseIndex);
    }

    public ulong ChainAt(ulong index) => index == BaseIndex ? _baseChain : _entries[(int)(index - BaseIndex - 1)].Chain;

    public LogEntry EntryAt(ulong index) => _entries[(int)(index - BaseIndex - 1)].Entry;

    public bool Has(ulong index, ulong chain) => index < BaseIndex || (index <= LastIndex && ChainAt(index) == chain);

    public RaftMembership MembershipAt(ulong index) => _memberships.FindLast(m => m.Index <= index).Membership ?? _memberships[0].Membership;

    /// <summary>Forgets entries up to <paramref name="index"/>.</summary>
    public void Compact(ulong index)
    {
        if (index <= BaseIndex)
        {
            return;
        }

        RaftMembership membership = MembershipAt(index);
        _baseChain = ChainAt(index);
        _entries.RemoveRange(0, (int)(index - BaseIndex));
        BaseIndex = index;
        _memberships.RemoveAll(m => m.Index <= index);
        _memberships.Insert(0, (index, membership));
    }

    public List<LogEntry> Entries() => [.. _entries.Select(e => e.Entry)];
}
