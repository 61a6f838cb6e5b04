namespace SwarmNet.Raft;

/// <summary>
/// What the core wants done, in this order: send <see cref="ImmediateMessages"/>; persist <see cref="Snapshot"/>, then
/// <see cref="HardState"/> and <see cref="Entries"/> (with one fsync if <see cref="MustSync"/>); send <see cref="Messages"/>; restore a
/// <see cref="Snapshot"/> that is complete into, then apply <see cref="CommittedEntries"/> to, the state machine; serve <see cref="Reads"/>
/// once their index is applied; call <see cref="RaftCore.Advance"/>. One instance per core, reused: its lists, and what they point to in
/// the log, are valid until Advance.
/// <para>
/// A node that writes on another thread calls <see cref="RaftCore.AdvanceWriting"/> instead, keeps <see cref="Messages"/> until the write and
/// all before it are durable, and then calls <see cref="RaftCore.Persisted"/> with <see cref="WriteId"/>.
/// </para>
/// </summary>
public sealed class RaftReady
{
    /// <summary>The state to persist.</summary>
    public HardState HardState { get; internal set; }

    /// <summary>Whether term or vote changed, or there are entries or a complete snapshot: these must be durable before <see cref="Messages"/> go.</summary>
    public bool MustSync { get; internal set; }

    /// <summary>Numbers the writes; 0 when there is none (not <see cref="MustSync"/>).</summary>
    public ulong WriteId { get; internal set; }

    /// <summary>Entries to persist. The first may overwrite entries persisted earlier: those at and after its index are void.</summary>
    public IReadOnlyList<LogEntry> Entries => EntryList;

    /// <summary>A piece of a snapshot from the leader to put aside; with the last one the snapshot replaces log and state machine. Null = none.</summary>
    public RaftSnapshotChunk? Snapshot { get; internal set; }

    /// <summary>Messages that need not wait for the disk: the leader's replicate while it writes (thesis §10.2.1). Losing one is harmless.</summary>
    public IReadOnlyList<RaftMessage> ImmediateMessages => ImmediateList;

    /// <summary>Messages to send once this write, and all before it, are durable. Losing one is harmless.</summary>
    public IReadOnlyList<RaftMessage> Messages => MessageList;

    /// <summary>Entries to apply, in order. They are durable here.</summary>
    public IReadOnlyList<LogEntry> CommittedEntries => CommittedList;

    /// <summary>Reads that may be served once their index is applied.</summary>
    public IReadOnlyList<RaftRead> Reads => ReadList;

    internal List<LogEntry> EntryList { get; } = [];

    internal List<RaftMessage> ImmediateList { get; } = [];

    internal List<RaftMessage> MessageList { get; } = [];

    internal List<LogEntry> CommittedList { get; } = [];

    internal List<RaftRead> ReadList { get; } = [];
}
