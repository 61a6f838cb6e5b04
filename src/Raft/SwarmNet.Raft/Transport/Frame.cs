using System.Buffers;
using System.Buffers.Binary;

namespace SwarmNet.Raft;

/// <summary>
/// What is on a connection, little endian: once a greeting, then frames, all in one direction.
/// <code>
/// greeting   0 8×u8 "SWRAFT" 0 1      8 u64 sender's id     16 u64 receiver's id
/// frame      0 u32 length of the message     4 message (see RaftMessageCodec)
/// </code>
/// </summary>
internal static class Frame
{
    public const int GreetingBytes = 24;
    public const int HeaderBytes = 4;

    /// <summary>Longest message: the largest command and a batch beside it. More is taken for damage.</summary>
    public const int MaxMessageBytes = 128 << 20;

    private static ReadOnlySpan<byte> Magic => "SWRAFT\0\u0001"u8;

    public static void WriteGreeting(Span<byte> destination, ulong from, ulong to)
    {
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], from);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], to);
    }

    public static bool TryParseGreeting(ReadOnlySpan<byte> source, out ulong from, out ulong to)
    {
        from = to = 0;
        if (source.Length < GreetingBytes || !source.StartsWith(Magic))
        {
            return false;
        }

        from = BinaryPrimitives.ReadUInt64LittleEndian(source[8..]);
        to = BinaryPrimitives.ReadUInt64LittleEndian(source[16..]);
        return true;
    }

    /// <summary>Writes a message with its length before it; allocates nothing itself.</summary>
    public static void Write(IBufferWriter<byte> writer, in RaftMessage message)
    {
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(HeaderBytes), RaftMessageCodec.SizeOf(message));
        writer.Advance(HeaderBytes);
        RaftMessageCodec.Write(writer, message);
    }
}
