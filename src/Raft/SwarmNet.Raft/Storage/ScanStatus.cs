namespace SwarmNet.Raft;

/// <summary>How a segment ends.</summary>
internal enum ScanStatus
{
    /// <summary>With a complete batch.</summary>
    Clean,

    /// <summary>With a batch that a crash cut off: it was never acknowledged.</summary>
    Torn,

    /// <summary>With damage that no crash explains.</summary>
    Corrupt,
}
