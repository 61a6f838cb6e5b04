namespace SwarmNet.Raft;

/// <summary>
/// The transform that new files are written with, and those that older files may need. One thread changes it, any may read and write files with it.
/// </summary>
internal sealed class PayloadTransforms : IDisposable
{
    // Replaced whole.
    private AesGcmTransform[] _keys;

    /// <summary>The first key writes, the others read; without any, payloads are stored as they are. Plain files are always read.</summary>
    public PayloadTransforms(IReadOnlyList<ReadOnlyMemory<byte>> keys) => _keys = [.. keys.Select(static key => new AesGcmTransform(key.Span))];

    public static PayloadTransforms Plain { get; } = new([]);

    public IPayloadTransform Current => Volatile.Read(ref _keys) is [AesGcmTransform first, ..] ? first : PlainTransform.Instance;

    /// <exception cref="RaftDataKeyException">The key is not among those given.</exception>
    public IPayloadTransform Find(uint id, string path)
    {
        if (id == PlainTransform.Instance.Id)
        {
            return PlainTransform.Instance;
        }

        AesGcmTransform[] keys = Volatile.Read(ref _keys);
        return Array.Find(keys, key => key.Id == id) ?? throw new RaftDataKeyException(
            keys.Length == 0 ? $"{path} is encrypted with key {id:x8}; give that data key."
                : $"{path} is encrypted with key {id:x8}, which is none of the {keys.Length} data keys given; give that one too.", path);
    }

    /// <summary>From now on this key writes.</summary>
    public void Add(ReadOnlySpan<byte> key)
    {
        AesGcmTransform added = new(key);
        if (Array.Find(_keys, known => known.Id == added.Id) is { } known)
        {
            added.Dispose();
            added = known;
        }

        Volatile.Write(ref _keys, [added, .. _keys.Where(key => key != added)]);
    }

    /// <summary>Forgets all keys but the one that writes: no file is left that needs them.</summary>
    public void ForgetOlder()
    {
        AesGcmTransform[] keys = _keys;
        Volatile.Write(ref _keys, keys[..Math.Min(1, keys.Length)]);
        foreach (AesGcmTransform key in keys.Skip(1))
        {
            key.Dispose();
        }
    }

    public void Dispose() => Array.ForEach(_keys, static key => key.Dispose());
}
