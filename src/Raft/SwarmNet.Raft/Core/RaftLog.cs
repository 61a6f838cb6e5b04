using System.Diagnostics;

namespace SwarmNet.Raft;

/// <summary>
/// The log in memory: a ring, so that steady work moves and allocates nothing. Invariants: entries are consecutive from
/// <see cref="OffsetIndex"/> + 1; Applied ≤ Committed ≤ LastIndex; everything up to StableIndex is on disk; everything up to HandedIndex is
/// on its way there.
/// </summary>
internal sealed class RaftLog
{
    private const int FirstCapacity = 64;

    // The entry with index i is at i & _mask; the length is a power of two.
    private LogEntry[] _ring = new LogEntry[FirstCapacity];
    private ulong _mask = FirstCapacity - 1;

    public RaftLog(ulong offsetIndex, ulong offsetTerm, IReadOnlyList<LogEntry> entries)
    {
        Reset(offsetIndex, offsetTerm);
        ulong expected = offsetIndex;
        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i].Index != ++expected)
            {
                throw new RaftException($"The log has entry {entries[i].Index} where {expected} must follow.");
            }

            Append(entries[i]);
        }

        StableIndex = HandedIndex = LastIndex;
    }

    /// <summary>The entry before the first one kept; its term is still known.</summary>
    public ulong OffsetIndex { get; private set; }

    public ulong OffsetTerm { get; private set; }

    public ulong Committed { get; private set; }

    public ulong Applied { get; private set; }

    public ulong StableIndex { get; private set; }

    public ulong HandedIndex { get; private set; }

    public ulong LastIndex { get; private set; }

    public ulong LastTerm => LastIndex == OffsetIndex ? OffsetTerm : At(LastIndex).Term;

    /// <summary>The entry at an index that the log has.</summary>
    public ref readonly LogEntry At(ulong index) => ref _ring[index & _mask];

    /// <summary>The term at <paramref name="index"/>, or false when it is compacted away or not there yet.</summary>
    public bool TryTerm(ulong index, out ulong term)
    {
        term = 0;
        if (index < OffsetIndex || index > LastIndex)
        {
            return false;
        }

        term = index == OffsetIndex ? OffsetTerm : At(index).Term;
        return true;
    }

    public bool Matches(ulong index, ulong term) => TryTerm(index, out ulong own) && own == term;

    public bool IsUpToDate(ulong lastIndex, ulong lastTerm) =>
        lastTerm > LastTerm || (lastTerm == LastTerm && lastIndex >= LastIndex);

    public void Append(in LogEntry entry)
    {
        Debug.Assert(entry.Index == LastIndex + 1, "appended out of order");
        if (LastIndex - OffsetIndex == _mask + 1)
        {
            Grow();
        }

        _ring[entry.Index & _mask] = entry;
        LastIndex = entry.Index;
    }

    /// <summary>Raft paper, figure 2, AppendEntries receiver step 3: the entry at <paramref name="index"/> and all after it go.</summary>
    public void Truncate(ulong index)
    {
        for (ulong i = index; i <= LastIndex; i++)
        {
            _ring[i & _mask] = default;
        }

        LastIndex = index - 1;
        StableIndex = Math.Min(StableIndex, LastIndex);
        HandedIndex = Math.Min(HandedIndex, LastIndex);
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

    /// <summary>
    /// Entries from <paramref name="first"/>, at least one if there is any; fewer than allowed at the ring's end. They alias the ring: valid
    /// until the log changes.
    /// </summary>
    public ReadOnlyMemory<LogEntry> Slice(ulong first, int maxEntries, int maxBytes, out long bytes)
    {
        bytes = 0;
        int start = (int)(first & _mask);
        int available = (int)Math.Min(LastIndex + 1 - first, (ulong)Math.Min(maxEntries, _ring.Length - start));
        int count = 0;
        while (count < available && (count == 0 || bytes + _ring[start + count].Data.Length <= maxBytes))
        {
            bytes += _ring[start + count++].Data.Length;
        }

        return _ring.AsMemory(start, count);
    }

    public void TakeUnhanded(List<LogEntry> destination)
    {
        for (ulong index = HandedIndex + 1; index <= LastIndex; index++)
        {
            destination.Add(At(index));
        }

        HandedIndex = LastIndex;
    }

    public void CopyApplicable(List<LogEntry> destination, int max)
    {
        ulong last = Math.Min(Committed, StableIndex);
        for (ulong index = Applied + 1; index <= last && destination.Count < max; index++)
        {
            destination.Add(At(index));
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

        for (ulong i = OffsetIndex + 1; i <= index; i++)
        {
            _ring[i & _mask] = default;
        }

        OffsetIndex = index;
        OffsetTerm = term;
    }

    /// <summary>Empties the log: it continues after a snapshot.</summary>
    public void Reset(ulong index, ulong term)
    {
        Array.Clear(_ring);
        OffsetIndex = LastIndex = Committed = Applied = StableIndex = HandedIndex = index;
        OffsetTerm = term;
    }

    private void Grow()
    {
        LogEntry[] larger = new LogEntry[_ring.Length * 2];
        ulong mask = (ulong)larger.Length - 1;
        for (ulong i = OffsetIndex + 1; i <= LastIndex; i++)
        {
            larger[i & mask] = At(i);
        }

        _ring = larger;
        _mask = mask;
    }
}
