using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SwarmNet.Raft;

/// <summary>
/// The log in memory. Invariants: entries are consecutive from <see cref="OffsetIndex"/> + 1; Applied ≤ Committed ≤ LastIndex;
/// everything up to StableIndex is on disk.
/// </summary>
internal sealed class RaftLog
{
    private readonly List<LogEntry> _entries = [];

    public RaftLog(ulong offsetIndex, ulong offsetTerm, IReadOnlyList<LogEntry> entries)
    {
        Reset(offsetIndex, offsetTerm);
        ulong expected = offsetIndex;
        foreach (LogEntry entry in entries)
        {
            if (entry.Index != ++expected)
            {
                throw new RaftException($"The log has entry {entry.Index} where {expected} must follow.");
            }

            _entries.Add(entry);
        }

        StableIndex = LastIndex;
    }

    /// <summary>The entry before the first one kept; its term is still known.</summary>
    public ulong OffsetIndex { get; private set; }

    public ulong OffsetTerm { get; private set; }

    public ulong Committed { get; private set; }

    public ulong Applied { get; private set; }

    public ulong StableIndex { get; private set; }

    public ulong LastIndex => OffsetIndex + (ulong)_entries.Count;

    public ulong LastTerm => _entries.Count == 0 ? OffsetTerm : _entries[^1].Term;

    /// <summary>The term at <paramref name="index"/>, or false when it is compacted away or not there yet.</summary>
    public bool TryTerm(ulong index, out ulong term)
    {
        term = 0;
        if (index < OffsetIndex || index > LastIndex)
        {
            return false;
        }

        term = index == OffsetIndex ? OffsetTerm : _entries[(int)(index - OffsetIndex - 1)].Term;
        return true;
    }

    public bool Matches(ulong index, ulong term) => TryTerm(index, out ulong own) && own == term;

    public bool IsUpToDate(ulong lastIndex, ulong lastTerm) =>
        lastTerm > LastTerm || (lastTerm == LastTerm && lastIndex >= LastIndex);

    public void Append(in LogEntry entry)
    {
        Debug.Assert(entry.Index == LastIndex + 1, "appended out of order");
        _entries.Add(entry);
    }

    /// <summary>Raft paper, figure 2, AppendEntries receiver steps 3 and 4: conflicting entries go, new ones are added.</summary>
    public void Merge(ReadOnlySpan<LogEntry> entries)
    {
        foreach (ref readonly LogEntry entry in entries)
        {
            if (entry.Index <= OffsetIndex || Matches(entry.Index, entry.Term))
            {
                continue;
            }

            if (entry.Index <= LastIndex)
            {
                if (entry.Index <= Committed)
                {
                    throw new RaftException(
                        $"Entry {entry.Index} of term {entry.Term} conflicts with a committed one (commit index {Committed}); the node stops.");
                }

                _entries.RemoveRange((int)(entry.Index - OffsetIndex - 1), (int)(LastIndex - entry.Index + 1));
                StableIndex = Math.Min(StableIndex, entry.Index - 1);
            }

            _entries.Add(entry);
        }
    }

    /// <summary>
    /// The largest index up to <paramref name="index"/> whose term is at most <paramref name="term"/>: no agreement is possible in between.
    /// </summary>
    public (ulong Index, ulong Term) FindConflictByTerm(ulong index, ulong term)
    {
        for (ulong i = Math.Min(index, LastIndex); ; i--)
        {
            if (!TryTerm(i, out ulong own))
            {
                return (i, 0);
            }

            if (own <= term || i == 0)
            {
                return (i, own);
            }
        }
    }

    /// <summary>A copy (messages outlive changes of the log) of entries from <paramref name="first"/>; at least one if there is any.</summary>
    public ReadOnlyMemory<LogEntry> Slice(ulong first, int maxEntries, int maxBytes)
    {
        ReadOnlySpan<LogEntry> all = CollectionsMarshal.AsSpan(_entries)[(int)(first - OffsetIndex - 1)..];
        int count = 0;
        long bytes = 0;
        while (count < all.Length && count < maxEntries && (count == 0 || bytes + all[count].Data.Length <= maxBytes))
        {
            bytes += all[count++].Data.Length;
        }

        return count == 0 ? default : all[..count].ToArray();
    }

    public void CopyUnstable(List<LogEntry> destination)
    {
        for (int i = (int)(StableIndex - OffsetIndex); i < _entries.Count; i++)
        {
            destination.Add(_entries[i]);
        }
    }

    public void CopyCommitted(List<LogEntry> destination, int max)
    {
        for (ulong index = Applied + 1; index <= Committed && destination.Count < max; index++)
        {
            destination.Add(_entries[(int)(index - OffsetIndex - 1)]);
        }
    }

    public void CommitTo(ulong index)
    {
        if (index > LastIndex)
        {
            throw new RaftException($"Commit index {index} is beyond the last entry {LastIndex}: the log lost entries; the node stops.");
        }

        Committed = Math.Max(Committed, index);
    }

    public void AppliedTo(ulong index) => Applied = Math.Max(Applied, index);

    public void StableTo(ulong index) => StableIndex = Math.Max(StableIndex, index);

    /// <summary>Forgets entries up to and including <paramref name="index"/>, which must be applied.</summary>
    public void Compact(ulong index)
    {
        if (index <= OffsetIndex || !TryTerm(index, out ulong term))
        {
            return;
        }

        _entries.RemoveRange(0, (int)(index - OffsetIndex));
        OffsetIndex = index;
        OffsetTerm = term;
    }

    /// <summary>Empties the log: it continues after a snapshot.</summary>
    public void Reset(ulong index, ulong term)
    {
        _entries.Clear();
        OffsetIndex = Committed = Applied = StableIndex = index;
        OffsetTerm = term;
    }
}
