using System.Buffers;

namespace SwarmNet.Raft.Tests;

/// <summary>A core, its disk, its state machine, and what an edge would hold in memory.</summary>
internal sealed class SimulatedNode(ulong id, RaftMembership membership)
{
    public ulong Id => id;

    public SimulatedDisk Disk { get; } = new(membership);

    /// <summary>Null while crashed.</summary>
    public RaftCore? Core { get; private set; }

    /// <summary>The log as handed out by the core, durable or not.</summary>
    public LogMirror Log { get; private set; } = new(0, 0, membership);

    public KeyValueMachine Machine { get; private set; } = new();

    /// <summary>Counts starts: what was scheduled for an earlier one is void.</summary>
    public int Starts { get; private set; }

    public bool IsPaused { get; set; }

    /// <summary>What came while paused.</summary>
    public List<Action> Inbox { get; } = [];

    /// <summary>Whether writes go on beside the core.</summary>
    public bool WritesAside { get; set; }

    public long TickMicroseconds { get; set; } = 100_000;

    public long DiskMicroseconds { get; set; } = 500;

    public Queue<SimulatedWrite> Writes { get; } = [];

    /// <summary>Reported durable without being so (a bug of the edge).</summary>
    public Queue<SimulatedWrite> Unsynced { get; } = [];

    public Dictionary<ulong, (ulong Term, Action<bool> Done)> Proposals { get; } = [];

    public Dictionary<ulong, Action<ulong>> Reads { get; } = [];

    public List<(ulong Index, Action Serve)> WaitingReads { get; } = [];

    public Dictionary<ulong, RaftSnapshot> Outgoing { get; } = [];

    public ArrayBufferWriter<byte> Incoming { get; private set; } = new();

    public ulong CommitSeen { get; set; }

    public RaftRole RoleSeen { get; set; }

    public ulong TermSeen { get; set; }

    public void Start(RaftCoreOptions options)
    {
        Starts++;
        Core = new RaftCore(options);
        Log = new LogMirror(Disk.Snapshot.Index, SimulatedDisk.ChainOf(Disk.Snapshot), Disk.Snapshot.Membership);
        foreach (LogEntry entry in options.Entries)
        {
            Log.Append(entry);
        }

        Machine = new KeyValueMachine();
        Machine.Restore(Disk.Snapshot.Data.ToArray());
        CommitSeen = Disk.Snapshot.Index;
        TermSeen = Disk.HardState.Term;
        RoleSeen = RaftRole.Follower;
    }

    /// <summary>Memory is gone; of the writes under way the disk has the first few.</summary>
    public void Crash(Random random)
    {
        Core = null;
        Queue<SimulatedWrite> open = Unsynced.Count > 0 ? Unsynced : Writes;
        while (open.TryDequeue(out SimulatedWrite? write))
        {
            if (random.Next(2) == 0)
            {
                break;
            }

            Disk.Apply(write);
        }

        Writes.Clear();
        Unsynced.Clear();
        Proposals.Clear();
        Reads.Clear();
        WaitingReads.Clear();
        Outgoing.Clear();
        Inbox.Clear();
        IsPaused = false;
        Incoming = new ArrayBufferWriter<byte>();
    }

    public RaftSnapshot? TakePiece(RaftSnapshotChunk piece)
    {
        if (piece.Offset == 0)
        {
            Incoming = new ArrayBufferWriter<byte>();
        }

        foreach (ReadOnlyMemory<byte> segment in piece.Data)
        {
            Incoming.Write(segment.Span);
        }

        return piece.IsLast
            ? new RaftSnapshot(piece.Index, piece.Term, piece.Membership, new ReadOnlySequence<byte>(Incoming.WrittenMemory.ToArray())) : null;
    }
}
