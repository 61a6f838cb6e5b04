namespace SwarmNet.Raft;

/// <summary>Payloads as they are.</summary>
internal sealed class PlainTransform : IPayloadTransform
{
    public static PlainTransform Instance { get; } = new();

    public uint Id => 0;

    public int MaxOverheadBytes => 0;

    public int Store(ulong index, ReadOnlySpan<byte> plain, Span<byte> destination)
    {
        plain.CopyTo(destination);
        return plain.Length;
    }

    public byte[] Load(ulong index, ReadOnlySpan<byte> stored) => stored.ToArray();
}
