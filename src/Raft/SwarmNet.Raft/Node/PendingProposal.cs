namespace SwarmNet.Raft;

/// <summary>A proposal in the log that somebody waits for.</summary>
internal readonly record struct PendingProposal(ulong Index, ulong Term, TaskCompletionSource<ulong> Completion);
