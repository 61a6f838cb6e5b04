namespace SwarmNet.Raft.Tests;

/// <summary>One number for a whole log up to an entry: equal numbers, equal logs.</summary>
internal static class ChainHash
{
    public static ulong Next(ulong previous, in LogEntry entry)
    {
        ulong hash = Mix(Mix(Mix(previous, entry.Term), entry.Index), (ulong)entry.Type);
        foreach (byte value in entry.Data.Span)
        {
            hash = (hash ^ value) * 0x100000001b3;
        }

        return Mix(hash, (ulong)entry.Data.Length);
    }

    private static ulong Mix(ulong hash, ulong value)
    {
        ulong mixed = (hash ^ value) * 0x9e3779b97f4a7c15;
        return mixed ^ (mixed >> 29);
    }
}
