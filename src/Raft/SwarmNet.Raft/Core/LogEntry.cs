namespace SwarmNet.Raft;

/// <summary>One entry of the replicated log.</summary>
/// <param name="Term">The term of the leader that created it.</param>
/// <param name="Index">Its position; the first entry has 1. Never reused for another committed command.</param>
/// <param name="Type">What <paramref name="Data"/> is.</param>
/// <param name="Data">The command. The log keeps a reference: the bytes must not change afterwards.</param>
public readonly record struct LogEntry(ulong Term, ulong Index, EntryType Type, ReadOnlyMemory<byte> Data);
