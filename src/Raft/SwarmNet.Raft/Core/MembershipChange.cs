namespace SwarmNet.Raft;

/// <summary>One of the changes that <see cref="RaftCore.ProposeMembership"/> makes together.</summary>
/// <param name="Type">What to do.</param>
/// <param name="NodeId">With whom; not 0.</param>
public readonly record struct MembershipChange(MembershipChangeType Type, ulong NodeId);
