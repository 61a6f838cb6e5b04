namespace SwarmNet.Gossip.Wire;

/// <summary>What the bytes of a TCP stream are so far.</summary>
internal enum StreamStatus
{
    /// <summary>A whole message.</summary>
    Complete,

    /// <summary>The beginning of one.</summary>
    NeedsMore,

    /// <summary>None that we take: close.</summary>
    Invalid,

    /// <summary>Plain, though keys are set: answer with an error and close.</summary>
    NotEncrypted,
}
