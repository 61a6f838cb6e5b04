using System.Buffers.Binary;

namespace SwarmNet.Gossip.Wire;

/// <summary>
/// The layers around messages in a UDP packet, outermost first: label, encryption, CRC, compression, compound (memberlist). Compound and
/// compression inside a plain message are unpacked by the core as it finds them.
/// </summary>
internal static class PacketCodec
{
    /// <summary>Largest result of decompression taken from a peer.</summary>
    public const int MaxDecompressedBytes = 40 << 20;

    public const int CrcBytes = 5;

    private const int MaxMessages = 255;

    /// <summary>Joins messages: <c>07, u8 count, count × u16 length, messages</c>. At most 255 of at most 65,535 bytes.</summary>
    public static byte[] Compound(IReadOnlyList<byte[]> messages)
    {
        if (messages.Count == 1)
        {
            return messages[0];
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(messages.Count, MaxMessages);
        byte[] packet = new byte[2 + messages.Sum(static message => 2 + message.Length)];
        packet[0] = (byte)MessageType.Compound;
        packet[1] = (byte)messages.Count;
        int lengths = 2;
        int position = 2 + (2 * messages.Count);
        foreach (byte[] message in messages)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(lengths), checked((ushort)message.Length));
            message.CopyTo(packet, position);
            lengths += 2;
            position += message.Length;
        }

        return packet;
    }

    /// <summary>Splits the body of a compound; a message that is cut off ends it. Ranges are of <paramref name="body"/>.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> body, List<Range> messages)
    {
        if (body.IsEmpty || body.Length < 1 + (2 * body[0]))
        {
            return false;
        }

        int position = 1 + (2 * body[0]);
        for (int i = 0; i < body[0]; i++)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(body[(1 + (2 * i))..]);
            if (length > body.Length - position)
            {
                break;
            }

            messages.Add(position..(position + length));
            position += length;
        }

        return true;
    }

    /// <summary>Reads a compress message's body.</summary>
    public static bool TryDecompress(ReadOnlySpan<byte> body, out byte[] message)
    {
        message = [];
        MsgPackReader reader = new(body);
        return MessageFields.TryRead(ref reader, out MessageFields fields) && fields.Algo == 0
            && Lzw.TryDecode(fields.Buf, MaxDecompressedBytes, out message);
    }

    /// <summary>The message as a compress message.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> message)
    {
        byte[] compressed = Lzw.Encode(message);
        byte[] packet = new byte[compressed.Length + 32];
        return packet[..MessageWriter.Compress(packet, compressed)];
    }

    /// <summary>Wraps a plain message (or compound) for sending.</summary>
    public static byte[] Seal(byte[] message, bool compress, bool crc, KeyRing keys, ReadOnlySpan<byte> label)
    {
        if (compress && Compress(message) is var smaller && smaller.Length < message.Length)
        {
            message = smaller;
        }

        int labelBytes = label.IsEmpty ? 0 : 2 + label.Length;
        int crcBytes = crc ? CrcBytes : 0;
        byte[] packet = new byte[labelBytes + crcBytes + message.Length + (keys.IsEmpty ? 0 : KeyRing.OverheadBytes)];
        WriteLabel(packet, label);
        Span<byte> rest = packet.AsSpan(labelBytes);
        if (keys.IsEmpty)
        {
            WriteCrc(rest, message, crc);
            return packet;
        }

        byte[] plain = new byte[crcBytes + message.Length];
        WriteCrc(plain, message, crc);
        keys.Encrypt(plain, label, rest);
        return packet;
    }

    /// <summary>Takes label, encryption and CRC off a received packet; false when one of them is wrong.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> packet, KeyRing keys, ReadOnlySpan<byte> label, out byte[] message)
    {
        message = [];
        if (!TryTakeLabel(ref packet, label))
        {
            return false;
        }

        byte[] plain;
        if (keys.IsEmpty)
        {
            plain = packet.ToArray();
        }
        else if (!keys.TryDecrypt(packet, label, out plain))
        {
            return false;
        }

        if (plain.Length == 0)
        {
            return false;
        }

        if (plain[0] != (byte)MessageType.Crc)
        {
            message = plain;
            return true;
        }

        if (plain.Length <= CrcBytes || BinaryPrimitives.ReadUInt32BigEndian(plain.AsSpan(1)) != Crc32.Of(plain.AsSpan(CrcBytes)))
        {
            return false;
        }

        message = plain[CrcBytes..];
        return true;
    }

    /// <summary>Removes the label in front, which must be the expected one (or absent when none is expected).</summary>
    public static bool TryTakeLabel(ref ReadOnlySpan<byte> source, ReadOnlySpan<byte> label)
    {
        if (label.IsEmpty)
        {
            return source.IsEmpty || source[0] != (byte)MessageType.Label;
        }

        if (source.Length < 2 + label.Length || source[0] != (byte)MessageType.Label || source[1] != label.Length
            || !source.Slice(2, label.Length).SequenceEqual(label))
        {
            return false;
        }

        source = source[(2 + label.Length)..];
        return true;
    }

    public static void WriteLabel(Span<byte> destination, ReadOnlySpan<byte> label)
    {
        if (!label.IsEmpty)
        {
            destination[0] = (byte)MessageType.Label;
            destination[1] = (byte)label.Length;
            label.CopyTo(destination[2..]);
        }
    }

    private static void WriteCrc(Span<byte> destination, ReadOnlySpan<byte> message, bool crc)
    {
        if (crc)
        {
            destination[0] = (byte)MessageType.Crc;
            BinaryPrimitives.WriteUInt32BigEndian(destination[1..], Crc32.Of(message));
            destination = destination[CrcBytes..];
        }

        message.CopyTo(destination);
    }
}
