namespace SwarmNet.Manager.Allocator;

/// <summary>
/// Numbers of a range, handed out upward and around, so that a freed one rests before it is used again. Numbers outside the range can
/// be reserved, never handed out.
/// </summary>
internal sealed class SerialPool
{
    private readonly uint _first;
    private readonly uint _last;
    private readonly HashSet<uint> _used = [];
    private uint _next;

    /// <summary>A pool of the numbers from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public SerialPool(uint first, uint last) => (_first, _last, _next) = (first, last, first);

    /// <summary>Takes a certain number; false when it is taken.</summary>
    public bool TryReserve(uint number)
    {
        if (!_used.Add(number))
        {
            return false;
        }

        // What was handed out before a restart counts too: go on above it.
        if (number >= _next && number <= _last)
        {
            _next = After(number);
        }

        return true;
    }

    /// <summary>Takes the next free number; null when all are taken.</summary>
    public uint? TryAllocate()
    {
        for (var untried = (long)_last - _first + 1; untried > 0; untried--)
        {
            var number = _next;
            _next = After(number);
            if (_used.Add(number))
            {
                return number;
            }
        }

        return null;
    }

    public void Release(uint number) => _used.Remove(number);

    private uint After(uint number) => number == _last ? _first : number + 1;
}
