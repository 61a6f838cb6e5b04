namespace SwarmNet.Raft.Tests;

/// <summary>A write under way, and the messages that wait for it.</summary>
internal sealed record SimulatedWrite(ulong Id, HardState HardState, LogEntry[] Entries, RaftSnapshot? Snapshot, List<RaftMessage> Messages);
