namespace SwarmNet.Raft;

/// <summary>
/// Changes payloads between memory and disk (encryption at rest). Its id is in every file's header: a file is only read with the transform
/// that wrote it.
/// </summary>
internal interface IPayloadTransform
{
    /// <summary>0 = payloads as they are.</summary>
    uint Id { get; }

    /// <summary>Bytes that a stored payload takes more than a plain one, at most.</summary>
    int MaxOverheadBytes { get; }

    /// <summary>Writes the stored form; returns its length.</summary>
    int Store(ulong index, ReadOnlySpan<byte> plain, Span<byte> destination);

    /// <summary>Restores the plain form; null when it does not fit the stored bytes (a wrong key).</summary>
    byte[]? Load(ulong index, ReadOnlySpan<byte> stored);
}
