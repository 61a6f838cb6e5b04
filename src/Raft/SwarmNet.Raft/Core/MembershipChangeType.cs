namespace SwarmNet.Raft;

/// <summary>What happens to a member.</summary>
public enum MembershipChangeType
{
    /// <summary>A stranger or a learner becomes a voter.</summary>
    AddVoter,

    /// <summary>A stranger becomes a learner, which gets the log but has no vote; a voter loses its vote and stays on as a learner.</summary>
    AddLearner,

    /// <summary>A voter or learner is a member no longer.</summary>
    Remove,
}
