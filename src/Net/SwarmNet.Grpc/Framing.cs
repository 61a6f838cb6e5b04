using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace SwarmNet.Grpc;

/// <summary>
/// The length-prefixed messages of gRPC over HTTP/2 (grpc/grpc <c>doc/PROTOCOL-HTTP2.md</c>). Pure: no IO, never throws on bad bytes.
/// <code>
/// +------------+---------------------+-----------------+
/// | compressed | length              | message         |
/// | 1 byte = 0 | 4 bytes, big endian | length bytes    |
/// +------------+---------------------+-----------------+
/// </code>
/// </summary>
public static class Framing
{
    /// <summary>Bytes in front of every message.</summary>
    public const int PrefixSize = 5;

    /// <summary>What peers accept as one message unless told otherwise: 4 MiB.</summary>
    public const int DefaultMaxMessageBytes = 4 * 1024 * 1024;

    // Larger messages are written in the writer's own block sizes: a single span of 20 MB would cost the pool as much.
    private const int SingleSpanBytes = 64 * 1024;

    /// <summary>
    /// Takes one frame from the head of <paramref name="buffer"/>. On <see cref="FrameStatus.Frame"/> the buffer is advanced past it and
    /// <paramref name="message"/> is a slice of the same memory, valid until the reader advances. Otherwise the buffer is left as it was.
    /// </summary>
    public static FrameStatus TryReadFrame(ref ReadOnlySequence<byte> buffer, int maxMessageBytes, out ReadOnlySequence<byte> message)
    {
        message = default;
        Span<byte> prefix = stackalloc byte[PrefixSize];
        var available = (int)Math.Min(buffer.Length, PrefixSize);
        buffer.Slice(0, available).CopyTo(prefix);
        if (available < PrefixSize)
        {
            return available > 0 && prefix[0] != 0 ? FrameStatus.Compressed : FrameStatus.NeedMore;
        }

        var status = CheckPrefix(prefix, maxMessageBytes, out var length);
        if (status != FrameStatus.Frame)
        {
            return status;
        }

        if (buffer.Length - PrefixSize < length)
        {
            return FrameStatus.NeedMore;
        }

        message = buffer.Slice(PrefixSize, length);
        buffer = buffer.Slice(message.End);
        return FrameStatus.Frame;
    }

    /// <summary>Reads a prefix of <see cref="PrefixSize"/> bytes: <see cref="FrameStatus.Frame"/> with the message's length, or why not.</summary>
    public static FrameStatus CheckPrefix(ReadOnlySpan<byte> prefix, int maxMessageBytes, out int length)
    {
        length = 0;
        if (prefix[0] != 0)
        {
            return FrameStatus.Compressed;
        }

        var announced = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (announced > (uint)maxMessageBytes)
        {
            return FrameStatus.TooLarge;
        }

        length = (int)announced;
        return FrameStatus.Frame;
    }

    /// <summary>Writes one message with its prefix. An empty message is a frame too: five zero bytes.</summary>
    public static void WriteFrame(IBufferWriter<byte> writer, IMessage message)
    {
        var size = message.CalculateSize();
        if (size > SingleSpanBytes)
        {
            WritePrefix(writer.GetSpan(PrefixSize), size);
            writer.Advance(PrefixSize);
            message.WriteTo(writer);
            return;
        }

        var span = writer.GetSpan(PrefixSize + size);
        WritePrefix(span, size);
        message.WriteTo(span.Slice(PrefixSize, size));
        writer.Advance(PrefixSize + size);
    }

    private static void WritePrefix(Span<byte> span, int size)
    {
        span[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], size);
    }
}
