namespace SwarmNet.Raft;

/// <summary>Kinds of log records. Values are on disk; never renumber.</summary>
internal enum RecordType : byte
{
    /// <summary>A log entry.</summary>
    Entry = 1,

    /// <summary>Term, vote (payload, u64) and commit index (in the index field).</summary>
    HardState = 2,

    /// <summary>A snapshot from the leader replaced the log up to index and term: what was before is void.</summary>
    SnapshotInstalled = 3,
}
