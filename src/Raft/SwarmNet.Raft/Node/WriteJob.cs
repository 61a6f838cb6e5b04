namespace SwarmNet.Raft;

/// <summary>A write for the disk thread, and what waits for it. Reused: the owner thread makes it, the disk thread works on it, the owner takes it back.</summary>
internal sealed class WriteJob
{
    /// <summary>Of the <see cref="RaftReady"/>; of a job without a write, the last one before.</summary>
    public ulong WriteId { get; set; }

    /// <summary>Whether there is something to write; else the messages only wait for the jobs before.</summary>
    public bool Writes { get; set; }

    public HardState HardState { get; set; }

    public List<LogEntry> Entries { get; } = [];

    /// <summary>A snapshot from the leader that replaces all before.</summary>
    public RaftSnapshot? Snapshot { get; set; }

    /// <summary>To send when the write is durable.</summary>
    public List<RaftMessage> Messages { get; } = [];

    /// <summary>The log may forget entries up to this one; 0 = no news.</summary>
    public ulong CompactIndex { get; set; }

    public KeyWork KeyWork { get; set; }

    /// <summary>Who waits for the job, with <see cref="Answer"/> or <see cref="Refused"/>.</summary>
    public TaskCompletionSource<ulong>? Asked { get; set; }

    public ulong Answer { get; set; }

    public RaftDiskFullException? Refused { get; set; }

    public void Clear()
    {
        WriteId = CompactIndex = 0;
        Writes = false;
        HardState = default;
        Entries.Clear();
        Snapshot = null;
        Messages.Clear();
        KeyWork = KeyWork.None;
        Asked = null;
        Answer = 0;
        Refused = null;
    }
}
