namespace SwarmNet.Raft.Tests;

/// <summary>Bugs of the edge around the core.</summary>
internal enum EdgeMutant
{
    None,

    /// <summary>Writes are reported durable before they are.</summary>
    MissingFsync,

    /// <summary>An entry that overwrites another leaves on disk what followed the old one.</summary>
    TailKept,

    /// <summary>A read is served before its index is applied.</summary>
    ReadBeforeApplied,

    /// <summary>Messages that need the disk go before it.</summary>
    SendsBeforeWrite,

    /// <summary>A snapshot is marked with an index later than its state.</summary>
    SnapshotLabelledLate,

    /// <summary>After a restart, entries that the snapshot has are applied to it again.</summary>
    SnapshotStateNotRestored,
}
