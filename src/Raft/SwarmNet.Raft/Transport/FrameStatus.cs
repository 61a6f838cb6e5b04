namespace SwarmNet.Raft;

/// <summary>What a <see cref="FrameReader"/> found.</summary>
internal enum FrameStatus
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    Message,

    /// <summary>This is not our protocol: close the connection.</summary>
    Malformed,
}
