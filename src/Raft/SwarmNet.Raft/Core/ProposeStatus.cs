namespace SwarmNet.Raft;

/// <summary>What became of a proposal. Unless accepted, nothing was appended.</summary>
public enum ProposeStatus
{
    /// <summary>It is in the leader's log. Whether it will be committed is open.</summary>
    Accepted,

    /// <summary>This node does not lead.</summary>
    NotLeader,

    /// <summary>Leadership is on its way to another node; propose there in a moment.</summary>
    Transferring,

    /// <summary>Too many bytes wait for their commit (<see cref="RaftCoreOptions.MaxUncommittedBytes"/>); propose again when some are committed.</summary>
    TooMuchUncommitted,

    /// <summary>A membership change is under way; propose again when it is done.</summary>
    MembershipPending,

    /// <summary>The membership change makes no sense; the problem says why.</summary>
    Invalid,
}
