using System.Buffers;

namespace SwarmNet.Raft.Tests;

/// <summary>What survives a crash.</summary>
internal sealed class SimulatedDisk
{
    public SimulatedDisk(RaftMembership membership)
    {
        Snapshot = new RaftSnapshot(0, 0, membership, default);
        Log = new LogMirror(0, 0, membership);
    }

    public HardState HardState { get; private set; }

    public RaftSnapshot Snapshot { get; private set; }

    public LogMirror Log { get; }

    public bool Has(ulong index, ulong chain) => Log.Has(index, chain);

    /// <summary>A bug: see <see cref="EdgeMutant.TailKept"/>.</summary>
    public bool KeepsTails { get; set; }

    public void Apply(SimulatedWrite write)
    {
        if (write.Snapshot is { } snapshot)
        {
            Snapshot = snapshot;
            Log.Reset(snapshot.Index, ChainOf(snapshot), snapshot.Membership);
        }

        HardState = write.HardState;
        foreach (LogEntry entry in write.Entries)
        {
            if (entry.Index <= Log.BaseIndex)
            {
                continue;
            }

            List<LogEntry> tail = KeepsTails ? Log.Entries().FindAll(old => old.Index > entry.Index) : [];
            Log.Append(entry);
            tail.ForEach(old => Log.Append(old));
        }
    }

    public void Save(RaftSnapshot snapshot)
    {
        Snapshot = snapshot;
        Log.Compact(snapshot.Index);
    }

    public static ulong ChainOf(RaftSnapshot snapshot)
    {
        KeyValueMachine machine = new();
        machine.Restore(snapshot.Data.ToArray());
        return machine.Chain;
    }
}
