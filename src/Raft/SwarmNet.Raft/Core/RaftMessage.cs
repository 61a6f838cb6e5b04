namespace SwarmNet.Raft;

/// <summary>A message between two nodes; which members count depends on <see cref="Type"/> (see <see cref="RaftMessageType"/>).</summary>
public readonly record struct RaftMessage
{
    /// <summary>The kind.</summary>
    public RaftMessageType Type { get; init; }

    /// <summary>The sender's id.</summary>
    public ulong From { get; init; }

    /// <summary>The receiver's id.</summary>
    public ulong To { get; init; }

    /// <summary>The sender's term.</summary>
    public ulong Term { get; init; }

    /// <summary>A log index; meaning by type.</summary>
    public ulong LogIndex { get; init; }

    /// <summary>The term of the entry at <see cref="LogIndex"/>.</summary>
    public ulong LogTerm { get; init; }

    /// <summary>The leader's commit index.</summary>
    public ulong Commit { get; init; }

    /// <summary>True when a request was refused.</summary>
    public bool Reject { get; init; }

    /// <summary>On a refused append: the highest index where the follower's log may agree with the leader's.</summary>
    public ulong HintIndex { get; init; }

    /// <summary>The follower's term at <see cref="HintIndex"/>.</summary>
    public ulong HintTerm { get; init; }

    /// <summary>Ties an answer to its question; meaning by type.</summary>
    public ulong Context { get; init; }

    /// <summary>A position in a snapshot, in bytes.</summary>
    public ulong Offset { get; init; }

    /// <summary>On a <see cref="RaftMessageType.RequestVote"/>: the old leader asked for this candidacy.</summary>
    public bool Transfer { get; init; }

    /// <summary>Entries to append, in index order. Those of a message to send alias the core's log: valid until <see cref="RaftCore.Advance"/>.</summary>
    public ReadOnlyMemory<LogEntry> Entries { get; init; }

    /// <summary>The piece of an <see cref="RaftMessageType.InstallSnapshot"/>; the sending edge fills it in.</summary>
    public RaftSnapshotChunk? Snapshot { get; init; }
}
