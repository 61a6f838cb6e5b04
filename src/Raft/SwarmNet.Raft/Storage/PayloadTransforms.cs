namespace SwarmNet.Raft;

/// <summary>The transform that new files are written with, and those that older files may need.</summary>
internal sealed class PayloadTransforms : IDisposable
{
    private readonly List<AesGcmTransform> _keys;

    /// <summary>The first key writes, the others read; without any, payloads are stored as they are. Plain files are always read.</summary>
    public PayloadTransforms(IReadOnlyList<ReadOnlyMemory<byte>> keys)
    {
        _keys = [.. keys.Select(static key => new AesGcmTransform(key.Span))];
        Current = _keys.Count > 0 ? _keys[0] : PlainTransform.Instance;
    }

    public static PayloadTransforms Plain { get; } = new([]);

    public IPayloadTransform Current { get; }

    /// <exception cref="RaftStorageException">The key is not among those given.</exception>
    public IPayloadTransform Find(uint id, string path)
    {
        if (id == PlainTransform.Instance.Id)
        {
            return PlainTransform.Instance;
        }

        return _keys.Find(key => key.Id == id) ?? throw new RaftStorageException(
            _keys.Count == 0 ? $"{path} is encrypted with key {id:x8}; give that data key."
                : $"{path} is encrypted with key {id:x8}, which is none of the {_keys.Count} data keys given; give that one too.", path);
    }

    public void Dispose() => _keys.ForEach(static key => key.Dispose());
}
