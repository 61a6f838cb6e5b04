namespace SwarmNet.Raft;

/// <summary>What a <see cref="WriteJob"/> does about keys.</summary>
internal enum KeyWork : byte
{
    None,

    /// <summary>The log goes on in a segment of the current key. Answer: the last entry that may be in one of another key.</summary>
    Rotate,

    /// <summary>Segments and snapshots of other keys go. Answer: the id of the key that all files are of; <see cref="ulong.MaxValue"/> = not one.</summary>
    DropOlder,
}
