namespace SwarmNet.Raft;

/// <summary>A node's state at one moment.</summary>
/// <param name="NodeId">This node.</param>
/// <param name="Term">Its current term.</param>
/// <param name="LeaderId">The leader of that term; 0 = unknown.</param>
/// <param name="Role">Its role in that term.</param>
/// <param name="CommitIndex">Highest entry known to be committed.</param>
/// <param name="AppliedIndex">Highest entry applied to the state machine.</param>
/// <param name="Membership">The membership in force: the latest in the log.</param>
public sealed record RaftStatus(
    ulong NodeId, ulong Term, ulong LeaderId, RaftRole Role, ulong CommitIndex, ulong AppliedIndex, RaftMembership Membership);
