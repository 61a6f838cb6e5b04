namespace SwarmNet.Gossip.Swim;

/// <summary>The timer of a suspicion: shorter with every independent confirmation (Lifeguard, "local health aware suspicion").</summary>
internal sealed class Suspicion
{
    private readonly HashSet<string> _confirmations = [];
    private readonly TimeSpan _start;
    private readonly TimeSpan _min;
    private readonly TimeSpan _max;
    private readonly int _expected;

    // members: all known ones, the dead included.
    public Suspicion(string from, GossipTimers timers, int members, TimeSpan now)
    {
        _confirmations.Add(from);
        _start = now;
        _min = timers.SuspicionMultiplier * Math.Max(1, Math.Log10(Math.Max(1, members))) * timers.ProbeInterval;
        _max = timers.SuspicionMaxMultiplier * _min;
        int expected = timers.SuspicionMultiplier - 2;
        _expected = members - 2 < expected ? 0 : expected;
    }

    public TimeSpan Due
    {
        get
        {
            if (_expected == 0)
            {
                return _start + _min;
            }

            double part = Math.Log(_confirmations.Count) / Math.Log(_expected + 1);
            TimeSpan timeout = _max - (part * (_max - _min));
            return _start + (timeout < _min ? _min : timeout);
        }
    }

    /// <summary>True when this is news that should be passed on.</summary>
    public bool Confirm(string from) => _confirmations.Count <= _expected && _confirmations.Add(from);
}
