namespace SwarmNet.Raft;

/// <summary>What a folder held.</summary>
internal sealed record RecoveredState(SnapshotStore Snapshots, RaftSnapshot Snapshot, WriteAheadLog Log, LogContents Contents, PayloadTransforms Transforms);
