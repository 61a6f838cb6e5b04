namespace SwarmNet.Raft;

/// <summary>What a leader asks of a majority.</summary>
internal enum QuorumValue
{
    /// <summary>The highest index that is durable there.</summary>
    Match,

    /// <summary>The highest read round that was answered.</summary>
    ReadRound,

    /// <summary>1 if it answered since the last check, else 0.</summary>
    Active,
}
