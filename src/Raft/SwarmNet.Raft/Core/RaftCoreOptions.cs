namespace SwarmNet.Raft;

/// <summary>How a <see cref="RaftCore"/> starts, and its limits.</summary>
public sealed class RaftCoreOptions
{
    /// <summary>This node's id; not 0.</summary>
    public required ulong NodeId { get; init; }

    /// <summary>
    /// The membership as of <see cref="SnapshotIndex"/>; entries after it may change it. A node that has no vote in it never campaigns.
    /// <see cref="RaftMembership.Empty"/> = a node that waits to be taken into a cluster.
    /// </summary>
    public required RaftMembership Membership { get; init; }

    /// <summary>Seeds the randomised election timeout and the ids of reads. Give each node, and each start of it, another one.</summary>
    public required int Seed { get; init; }

    /// <summary>What was persisted last.</summary>
    public HardState HardState { get; init; }

    /// <summary>The persisted entries after <see cref="SnapshotIndex"/>, without gaps.</summary>
    public IReadOnlyList<LogEntry> Entries { get; init; } = [];

    /// <summary>The last entry of the snapshot that the state machine was restored from; 0 = none.</summary>
    public ulong SnapshotIndex { get; init; }

    /// <summary>The term of that entry.</summary>
    public ulong SnapshotTerm { get; init; }

    /// <summary>Ticks without a leader before an election; the actual timeout is random in [n, 2n). Default 10.</summary>
    public int ElectionTicks { get; init; } = 10;

    /// <summary>Ticks between heartbeats of a leader; well below <see cref="ElectionTicks"/>. Default 1.</summary>
    public int HeartbeatTicks { get; init; } = 1;

    /// <summary>Most entries in one AppendEntries. Default 256.</summary>
    public int MaxAppendEntries { get; init; } = 256;

    /// <summary>Most bytes of commands in one AppendEntries; one entry is always sent whatever its size. Default 1 MiB.</summary>
    public int MaxAppendBytes { get; init; } = 1 << 20;

    /// <summary>Most AppendEntries with entries on the way to one follower before its answer is awaited. Default 256.</summary>
    public int MaxInflightMessages { get; init; } = 256;

    /// <summary>Most bytes of commands on the way to one follower; one message is always sent whatever its size. Default 16 MiB.</summary>
    public long MaxInflightBytes { get; init; } = 16 << 20;

    /// <summary>
    /// Most bytes of proposals that are not committed; more are refused (<see cref="ProposeStatus.TooMuchUncommitted"/>). A proposal is always
    /// taken when nothing else waits. Default 64 MiB.
    /// </summary>
    public long MaxUncommittedBytes { get; init; } = 64 << 20;

    /// <summary>Most committed entries handed out by one <see cref="RaftReady"/>. Default 1024.</summary>
    public int MaxCommittedEntries { get; init; } = 1024;

    /// <summary>A bug put in on purpose, to see whether the simulator finds it; without effect outside of the tests.</summary>
    internal RaftMutant Mutant { get; init; }
}
