namespace SwarmNet.Raft;

/// <summary>How a leader sends to a follower.</summary>
internal enum ProgressState
{
    /// <summary>Where the logs agree is not known: one message at a time.</summary>
    Probe,

    /// <summary>The logs agree: entries are sent ahead of the answers.</summary>
    Replicate,

    /// <summary>The follower needs entries that are compacted: a snapshot is on its way.</summary>
    Snapshot,
}
