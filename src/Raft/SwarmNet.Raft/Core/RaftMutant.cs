namespace SwarmNet.Raft;

/// <summary>
/// Bugs put in on purpose: the simulator must find each of them. They exist only where the runtime switch SwarmNet.Raft.Mutants is on, which
/// the JIT and the AOT compiler take for a constant: elsewhere no code is left of them.
/// </summary>
internal enum RaftMutant
{
    None,

    /// <summary>The vote is not in the hard state.</summary>
    VoteNotPersisted,

    /// <summary>Nor is a change of the term.</summary>
    TermNotPersisted,

    /// <summary>A candidate counts its own vote before it is durable: the same term may be led twice, around a crash.</summary>
    OwnVoteBeforeFsync,

    /// <summary>A vote is given again in a term.</summary>
    TwoVotesInATerm,

    /// <summary>A vote is given to a log that lacks entries (§5.4.1).</summary>
    VoteForShorterLog,

    /// <summary>An entry of an earlier term is committed by counting (§5.4.2).</summary>
    OldTermCommittedByCounting,

    /// <summary>The entry before the first one sent is not compared (§5.3).</summary>
    NoPreviousEntryCheck,

    /// <summary>The commit index is the leader's, whatever the append reached.</summary>
    CommitBeyondAppend,

    /// <summary>A heartbeat carries the leader's commit index, whatever the follower is known to have.</summary>
    CommitBeyondMatch,

    /// <summary>An append removes what follows it, also without a conflict.</summary>
    AppendTruncatesAlways,

    /// <summary>A request of an old leader is taken.</summary>
    StaleRequestAccepted,

    /// <summary>An acknowledgement of an older term counts.</summary>
    StaleResponseAccepted,

    /// <summary>A follower acknowledges before the entries are durable.</summary>
    AckBeforeFsync,

    /// <summary>The leader counts itself before its write is durable.</summary>
    OwnAckBeforeFsync,

    /// <summary>A snapshot replaces a log that is ahead of it.</summary>
    SnapshotOverNewerLog,

    /// <summary>A snapshot's membership is not taken over.</summary>
    SnapshotWithoutMembership,

    /// <summary>Pieces of a snapshot are not checked to follow one another.</summary>
    SnapshotPieceOutOfOrder,

    /// <summary>A read needs no majority.</summary>
    ReadWithoutQuorum,

    /// <summary>A read does not wait for the first commit of the leader's term.</summary>
    ReadBeforeFirstCommit,

    /// <summary>A read is confirmed by answers to questions asked before it (etcd issue 20418).</summary>
    ReadRoundReused,

    /// <summary>Joint consensus needs the new majority only.</summary>
    JointNeedsNewMajorityOnly,

    /// <summary>Voters change at once, without the joint phase.</summary>
    ChangeWithoutJoint,

    /// <summary>The joint phase ends before its entry is committed.</summary>
    JointLeftEarly,

    /// <summary>A membership is in force only once it is committed.</summary>
    MembershipInForceLate,

    /// <summary>A membership stays in force when its entry is removed from the log.</summary>
    MembershipNotRolledBack,

    /// <summary>Learners count.</summary>
    LearnersCount,
}
