namespace SwarmNet.Raft;

/// <summary>What must be on disk before any message that follows from it is sent (Raft paper, figure 2, "persistent state").</summary>
/// <param name="Term">Latest term seen.</param>
/// <param name="Vote">The candidate that got this node's vote in <paramref name="Term"/>; 0 = none.</param>
/// <param name="Commit">Highest index known committed. Persisted only as a hint: it may lag.</param>
public readonly record struct HardState(ulong Term, ulong Vote, ulong Commit);
