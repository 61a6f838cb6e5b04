namespace SwarmNet.Raft;

/// <summary>The three roles of Raft paper §5.1, and the one before a candidacy.</summary>
public enum RaftRole
{
    /// <summary>Answers leaders and candidates.</summary>
    Follower,

    /// <summary>Asks for votes.</summary>
    Candidate,

    /// <summary>The one node of its term that appends to the log.</summary>
    Leader,

    /// <summary>Asks whether it would get votes, still in its old term (thesis §9.6, PreVote).</summary>
    PreCandidate,
}
