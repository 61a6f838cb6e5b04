using System.Buffers;
using System.Buffers.Binary;

namespace SwarmNet.Raft;

/// <summary>
/// Takes messages out of received bytes. One without entries allocates nothing; one with entries gets an array of its own, which its entries
/// share and keep.
/// </summary>
internal sealed class FrameReader
{
    private readonly byte[] _small = new byte[RaftMessageCodec.FixedBytes];

    /// <summary>Takes the first whole frame off <paramref name="source"/>.</summary>
    public FrameStatus TryRead(ref ReadOnlySequence<byte> source, out RaftMessage message)
    {
        message = default;
        if (source.Length < Frame.HeaderBytes)
        {
            return FrameStatus.Incomplete;
        }

        Span<byte> header = stackalloc byte[Frame.HeaderBytes];
        source.Slice(0, Frame.HeaderBytes).CopyTo(header);
        int length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < RaftMessageCodec.FixedBytes or > Frame.MaxMessageBytes)
        {
            return FrameStatus.Malformed;
        }

        if (source.Length - Frame.HeaderBytes < length)
        {
            return FrameStatus.Incomplete;
        }

        byte[] own = length == _small.Length ? _small : GC.AllocateUninitializedArray<byte>(length);
        source.Slice(Frame.HeaderBytes, length).CopyTo(own);
        source = source.Slice(Frame.HeaderBytes + length);
        return RaftMessageCodec.TryParse(own, out message) ? FrameStatus.Message : FrameStatus.Malformed;
    }
}
