namespace SwarmNet.Raft;

/// <summary>What recovery found on disk.</summary>
/// <param name="HardState">The last one written.</param>
/// <param name="Entries">Entries after the snapshot, without gaps.</param>
/// <param name="TruncatedBytes">Bytes of an unacknowledged batch that a crash cut off and recovery removed.</param>
internal sealed record LogContents(HardState HardState, IReadOnlyList<LogEntry> Entries, long TruncatedBytes);
