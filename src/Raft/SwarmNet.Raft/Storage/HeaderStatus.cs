namespace SwarmNet.Raft;

/// <summary>What a file's header says.</summary>
internal enum HeaderStatus
{
    /// <summary>Whole and of a version that we read.</summary>
    Ok,

    /// <summary>Written by another version of this package.</summary>
    OtherVersion,

    /// <summary>Not a header, or its check fails.</summary>
    Damaged,
}
