namespace SwarmNet.Raft.Tests;

/// <summary>A core, what its disk holds, and what it applied since its last start.</summary>
internal sealed class SimulatedNode(ulong id, ulong[] voters, int seed)
{
    private int _starts;
    private HardState _hardState;
    private RaftSnapshot _snapshot = new(0, 0, voters, default);
    private readonly List<LogEntry> _disk = [];

    public ulong Id => id;

    public RaftCore? Core { get; private set; }

    /// <summary>Index and content of the last thing applied; restored with the snapshot.</summary>
    public ulong AppliedIndex { get; private set; }

    public void Start()
    {
        Core = new RaftCore(new RaftCoreOptions
        {
            NodeId = id,
            Voters = _snapshot.Voters,
            Seed = seed + (++_starts * 1000),
            HardState = _hardState,
            SnapshotIndex = _snapshot.Index,
            SnapshotTerm = _snapshot.Term,
            Entries = [.. _disk.Where(entry => entry.Index > _snapshot.Index)],
            MaxAppendEntries = 3,
            MaxInflightEntries = 6,
            MaxCommittedEntries = 4,
        });
        AppliedIndex = _snapshot.Index;
        if (Core.IsSoleVoter)
        {
            Core.Campaign();
        }
    }

    public void Crash() => Core = null;

    /// <summary>Does one Ready; may crash before or after the disk write. Messages and applied entries go to the callbacks.</summary>
    public void Work(Random random, double crashChance, Action<RaftMessage> send, Action<LogEntry> applied)
    {
        while (Core is { } core && core.TryGetReady(out RaftReady? ready))
        {
            if (random.NextDouble() < crashChance)
            {
                Crash();
                return;
            }

            Persist(ready);
            if (random.NextDouble() < crashChance)
            {
                Crash();
                return;
            }

            foreach (RaftMessage message in ready.Messages)
            {
                send(message.Type == RaftMessageType.InstallSnapshot
                    ? message with { Snapshot = _snapshot, LogIndex = _snapshot.Index, LogTerm = _snapshot.Term } : message);
            }

            if (ready.Snapshot is not null)
            {
                AppliedIndex = ready.Snapshot.Index;
            }

            foreach (LogEntry entry in ready.CommittedEntries)
            {
                Assert.That(entry.Index, Is.EqualTo(AppliedIndex + 1), "applied in order, without gaps");
                AppliedIndex = entry.Index;
                applied(entry);
            }

            core.Advance();
        }
    }

    public void TakeSnapshot(int keepEntries)
    {
        if (Core is { } core && core.AppliedIndex > _snapshot.Index && core.TryGetTerm(core.AppliedIndex, out ulong term))
        {
            _snapshot = new RaftSnapshot(core.AppliedIndex, term, voters, default);
            core.SnapshotTaken(core.AppliedIndex, keepEntries);
            _disk.RemoveAll(entry => entry.Index <= _snapshot.Index);
        }
    }

    private void Persist(RaftReady ready)
    {
        if (ready.Snapshot is { } snapshot)
        {
            _snapshot = snapshot;
            _disk.Clear();
        }

        if (ready.MustSync)
        {
            _hardState = ready.HardState;
        }

        foreach (LogEntry entry in ready.Entries)
        {
            _disk.RemoveAll(old => old.Index >= entry.Index);
            _disk.Add(entry);
        }
    }
}
