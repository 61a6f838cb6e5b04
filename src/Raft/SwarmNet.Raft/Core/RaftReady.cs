namespace SwarmNet.Raft;

/// <summary>
/// What the core wants done, in this order: persist <see cref="Snapshot"/>, then <see cref="HardState"/> and <see cref="Entries"/> (with one
/// fsync if <see cref="MustSync"/>); send <see cref="Messages"/>; restore <see cref="Snapshot"/> into, then apply <see cref="CommittedEntries"/>
/// to, the state machine; call <see cref="RaftCore.Advance"/>. One instance per core, reused: its lists are valid until Advance.
/// </summary>
public sealed class RaftReady
{
    /// <summary>The state to persist.</summary>
    public HardState HardState { get; internal set; }

    /// <summary>Whether term or vote changed, or there are entries or a snapshot: these must be durable before anything is sent.</summary>
    public bool MustSync { get; internal set; }

    /// <summary>Entries to persist. The first may overwrite entries persisted earlier: those at and after its index are void.</summary>
    public IReadOnlyList<LogEntry> Entries => EntryList;

    /// <summary>A snapshot from the leader that replaces log and state machine; null = none.</summary>
    public RaftSnapshot? Snapshot { get; internal set; }

    /// <summary>Messages to send once the above is durable. Losing one is harmless.</summary>
    public IReadOnlyList<RaftMessage> Messages => MessageList;

    /// <summary>Entries to apply, in order.</summary>
    public IReadOnlyList<LogEntry> CommittedEntries => CommittedList;

    internal List<LogEntry> EntryList { get; } = [];

    internal List<RaftMessage> MessageList { get; } = [];

    internal List<LogEntry> CommittedList { get; } = [];
}
