namespace SwarmNet.Dns;

/// <summary>SplitMix64: a small generator whose seed the caller gives, so that tests can repeat what they saw. Not for secrets.</summary>
public struct DnsRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number from 0 to <paramref name="exclusiveMaximum"/> - 1.</summary>
    public int Next(int exclusiveMaximum)
    {
        _state += 0x9e3779b97f4a7c15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        z ^= z >> 31;
        return (int)(((UInt128)z * (uint)exclusiveMaximum) >> 64);
    }
}
