using System.Diagnostics;

namespace SwarmNet.Perf.Raft;

/// <summary>Three cores without disk and network: propose to committed everywhere.</summary>
internal sealed class CoreAlone
{
    private readonly byte[] _command = new byte[256];
    private readonly CoreGroup _cores = new(3);

    private CoreAlone()
    {
    }

    /// <summary>Proposes so many at a time, for a while.</summary>
    public static (double EntriesPerSecond, double BytesPerEntry) Run(int outstanding, TimeSpan time)
    {
        CoreAlone alone = new();
        alone.Propose(outstanding, time / 2);
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        long entries = alone.Propose(outstanding, time);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (entries / seconds, (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)entries);
    }

    private long Propose(int outstanding, TimeSpan time)
    {
        long entries = 0;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time; entries += outstanding)
        {
            _cores.Propose(_command, outstanding);
        }

        return entries;
    }
}
