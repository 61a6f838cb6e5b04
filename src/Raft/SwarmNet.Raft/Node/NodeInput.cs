namespace SwarmNet.Raft;

/// <summary>What the owner thread takes: a proposal (with its completion), a message, or neither: only a wake-up.</summary>
internal readonly record struct NodeInput(ReadOnlyMemory<byte> Command, TaskCompletionSource<ulong>? Completion, RaftMessage? Message);
