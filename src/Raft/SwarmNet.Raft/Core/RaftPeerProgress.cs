namespace SwarmNet.Raft;

/// <summary>What a leader knows of one member.</summary>
/// <param name="NodeId">The member.</param>
/// <param name="MatchIndex">Highest entry known to be durable there.</param>
/// <param name="NextIndex">The next entry to send.</param>
/// <param name="IsActive">Whether it answered in the last election timeout, or in the one before: the current one may have begun just now.</param>
/// <param name="IsLearner">Whether it has no vote.</param>
/// <param name="IsReceivingSnapshot">Whether it needs entries that are compacted.</param>
public readonly record struct RaftPeerProgress(
    ulong NodeId, ulong MatchIndex, ulong NextIndex, bool IsActive, bool IsLearner, bool IsReceivingSnapshot);
