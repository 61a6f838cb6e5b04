namespace SwarmNet.Netlink;

/// <summary>Counts what synchronous code allocates on this thread.</summary>
internal static class AllocationMeter
{
    /// <summary>Runs once to warm up, then <paramref name="rounds"/> times; returns the smallest number of bytes of a round.</summary>
    internal static long SmallestOf(int rounds, Action action)
    {
        action();
        long smallest = long.MaxValue;
        for (int i = 0; i < rounds; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            smallest = Math.Min(smallest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return smallest;
    }
}
