using System.Buffers.Binary;

namespace SwarmNet.Gossip.Wire;

/// <summary>The layers of a TCP message, outermost first: label (dialling side only), encryption, compression.</summary>
internal static class StreamCodec
{
    /// <summary>Largest message taken or sent: the state limit of memberlist.</summary>
    public const int MaxBytes = 20 << 20;

    private const int EncryptHeaderBytes = 5;

    /// <summary>Wraps a plain message.</summary>
    public static byte[] Seal(byte[] message, bool compress, KeyRing keys, ReadOnlySpan<byte> label, bool dialled)
    {
        if (compress)
        {
            message = PacketCodec.Compress(message);
        }

        int labelBytes = dialled && !label.IsEmpty ? 2 + label.Length : 0;
        if (keys.IsEmpty)
        {
            byte[] whole = new byte[labelBytes + message.Length];
            PacketCodec.WriteLabel(whole, dialled ? label : default);
            message.CopyTo(whole, labelBytes);
            return whole;
        }

        byte[] sealedBytes = new byte[labelBytes + EncryptHeaderBytes + message.Length + KeyRing.OverheadBytes];
        PacketCodec.WriteLabel(sealedBytes, dialled ? label : default);
        Span<byte> rest = sealedBytes.AsSpan(labelBytes);
        rest[0] = (byte)MessageType.Encrypt;
        BinaryPrimitives.WriteUInt32BigEndian(rest[1..], (uint)(message.Length + KeyRing.OverheadBytes));
        keys.Encrypt(message, Additional(rest[..EncryptHeaderBytes], label), rest[EncryptHeaderBytes..]);
        return sealedBytes;
    }

    /// <summary>Finds the plain message in the bytes received so far (after the label).</summary>
    public static StreamStatus TryOpen(ReadOnlySpan<byte> source, KeyRing keys, ReadOnlySpan<byte> label, out byte[] message)
    {
        message = [];
        if (source.IsEmpty)
        {
            return StreamStatus.NeedsMore;
        }

        bool encrypted = source[0] == (byte)MessageType.Encrypt;
        if (encrypted == keys.IsEmpty)
        {
            return encrypted ? StreamStatus.Invalid : StreamStatus.NotEncrypted;
        }

        if (!encrypted)
        {
            return TryUnwrap(source, final: false, out message);
        }

        if (source.Length < EncryptHeaderBytes)
        {
            return StreamStatus.NeedsMore;
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(source[1..]);
        if (length > MaxBytes)
        {
            return StreamStatus.Invalid;
        }

        if (source.Length < EncryptHeaderBytes + length)
        {
            return StreamStatus.NeedsMore;
        }

        byte[] additional = Additional(source[..EncryptHeaderBytes], label);
        return keys.TryDecrypt(source.Slice(EncryptHeaderBytes, (int)length), additional, out byte[] plain)
            ? TryUnwrap(plain, final: true, out message) : StreamStatus.Invalid;
    }

    private static StreamStatus TryUnwrap(ReadOnlySpan<byte> source, bool final, out byte[] message)
    {
        message = [];
        StreamStatus status = Measure(source, out int length);
        if (status == StreamStatus.NeedsMore && final)
        {
            return StreamStatus.Invalid;
        }

        if (status != StreamStatus.Complete)
        {
            return status;
        }

        if (source[0] != (byte)MessageType.Compress)
        {
            message = source[..length].ToArray();
            return StreamStatus.Complete;
        }

        bool whole = PacketCodec.TryDecompress(source[1..length], out message)
            && Measure(message, out _) == StreamStatus.Complete && message[0] != (byte)MessageType.Compress;
        return whole ? StreamStatus.Complete : StreamStatus.Invalid;
    }

    // The length of the message at the start of the bytes, type byte included.
    private static StreamStatus Measure(ReadOnlySpan<byte> source, out int length)
    {
        length = 0;
        if (source.IsEmpty)
        {
            return StreamStatus.NeedsMore;
        }

        MessageType type = (MessageType)source[0];
        if (type is not (MessageType.Ping or MessageType.Ack or MessageType.PushPull or MessageType.User or MessageType.Compress or MessageType.Error))
        {
            return StreamStatus.Invalid;
        }

        MsgPackReader reader = new(source[1..]);
        if (!MessageFields.TryRead(ref reader, out MessageFields fields))
        {
            return reader.NeedsMore && source.Length < MaxBytes ? StreamStatus.NeedsMore : StreamStatus.Invalid;
        }

        int nodes = type == MessageType.PushPull ? fields.Nodes : 0;
        int tail = type == MessageType.PushPull ? fields.UserStateLen : type == MessageType.User ? fields.UserMsgLen : 0;
        if (tail > MaxBytes)
        {
            return StreamStatus.Invalid;
        }

        for (int i = 0; i < nodes; i++)
        {
            if (!reader.TrySkip())
            {
                return reader.NeedsMore && source.Length < MaxBytes ? StreamStatus.NeedsMore : StreamStatus.Invalid;
            }
        }

        length = 1 + reader.Position + tail;
        return source.Length >= length ? StreamStatus.Complete : StreamStatus.NeedsMore;
    }

    private static byte[] Additional(ReadOnlySpan<byte> header, ReadOnlySpan<byte> label) => [.. header, .. label];
}
