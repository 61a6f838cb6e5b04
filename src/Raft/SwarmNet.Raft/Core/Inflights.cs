namespace SwarmNet.Raft;

/// <summary>The window of appends on their way to one follower: a ring of their last indices and bytes.</summary>
internal sealed class Inflights
{
    private (ulong LastIndex, long Bytes)[] _ring = new (ulong, long)[8];
    private int _start;

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public void Add(ulong lastIndex, long bytes)
    {
        if (Count == _ring.Length)
        {
            (ulong, long)[] larger = new (ulong, long)[_ring.Length * 2];
            for (int i = 0; i < Count; i++)
            {
                larger[i] = _ring[(_start + i) & (_ring.Length - 1)];
            }

            _ring = larger;
            _start = 0;
        }

        _ring[(_start + Count++) & (_ring.Length - 1)] = (lastIndex, bytes);
        Bytes += bytes;
    }

    /// <summary>Appends that end at or before <paramref name="index"/> have arrived.</summary>
    public void FreeTo(ulong index)
    {
        while (Count > 0 && _ring[_start].LastIndex <= index)
        {
            Bytes -= _ring[_start].Bytes;
            _start = (_start + 1) & (_ring.Length - 1);
            Count--;
        }
    }

    public void Clear()
    {
        Count = _start = 0;
        Bytes = 0;
    }
}
