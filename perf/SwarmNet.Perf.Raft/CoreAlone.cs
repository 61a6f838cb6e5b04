using System.Diagnostics;
using SwarmNet.Raft;

namespace SwarmNet.Perf.Raft;

/// <summary>Three cores in this process, on one thread, without disk and network: propose to committed everywhere.</summary>
internal sealed class CoreAlone
{
    private readonly byte[] _command = new byte[256];
    private readonly RaftCore[] _cores;

    private CoreAlone()
    {
        ulong[] voters = [1, 2, 3];
        _cores = [.. voters.Select(id => new RaftCore(new RaftCoreOptions { NodeId = id, Membership = new RaftMembership(voters), Seed = (int)id }))];
        _cores[0].Campaign();
        Settle();
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
            for (int i = 0; i < outstanding; i++)
            {
                if (_cores[0].Propose(_command, out _) != ProposeStatus.Accepted)
                {
                    throw new InvalidOperationException("A leader refused a proposal.");
                }
            }

            Settle();
            foreach (RaftCore core in _cores)
            {
                core.SnapshotTaken(core.AppliedIndex, 64);
            }
        }

        return entries;
    }

    private void Settle()
    {
        for (bool busy = true; busy;)
        {
            busy = false;
            foreach (RaftCore core in _cores)
            {
                if (core.TryGetReady(out RaftReady? ready))
                {
                    busy = true;
                    Deliver(ready.ImmediateMessages);
                    Deliver(ready.Messages);
                    core.Advance();
                }
            }
        }
    }

    private void Deliver(IReadOnlyList<RaftMessage> messages)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            _cores[messages[i].To - 1].Step(messages[i]);
        }
    }
}
