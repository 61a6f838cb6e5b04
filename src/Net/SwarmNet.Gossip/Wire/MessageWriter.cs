using System.Net;
using System.Text;

namespace SwarmNet.Gossip.Wire;

/// <summary>
/// Writes memberlist messages, type byte first, map keys in ASCII order. Each method returns the bytes written and allocates nothing; the
/// destination needs <see cref="MaxBytes"/> for the names and data given.
/// </summary>
internal static class MessageWriter
{
    /// <summary>More than the fixed parts of any message.</summary>
    public static int MaxBytes(int nameBytes, int dataBytes = 0) => 192 + nameBytes + dataBytes;

    public static int Ping(Span<byte> destination, uint seqNo, string node, IPAddress source, ushort sourcePort, string sourceNode)
    {
        Span<byte> address = stackalloc byte[16];
        MsgPackWriter writer = new(destination);
        writer.WriteByte((byte)MessageType.Ping);
        writer.WriteMapHeader(5);
        writer.WriteField("Node"u8, node);
        writer.WriteField("SeqNo"u8, seqNo);
        writer.WriteField("SourceAddr"u8, Bytes(source, address));
        writer.WriteField("SourceNode"u8, sourceNode);
        writer.WriteField("SourcePort"u8, sourcePort);
        return writer.Position;
    }

    public static int IndirectPing(
        Span<byte> destination, uint seqNo, string node, IPEndPoint target, bool nack, IPAddress source, ushort sourcePort, string sourceNode)
    {
        Span<byte> address = stackalloc byte[16];
        MsgPackWriter writer = new(destination);
        writer.WriteByte((byte)MessageType.IndirectPing);
        writer.WriteMapHeader(8);
        writer.WriteField("Nack"u8, nack);
        writer.WriteField("Node"u8, node);
        writer.WriteField("Port"u8, (ushort)target.Port);
        writer.WriteField("SeqNo"u8, seqNo);
        writer.WriteField("SourceAddr"u8, Bytes(source, address));
        writer.WriteField("SourceNode"u8, sourceNode);
        writer.WriteField("SourcePort"u8, sourcePort);
        writer.WriteField("Target"u8, Bytes(target.Address, address));
        return writer.Position;
    }

    public static int Ack(Span<byte> destination, uint seqNo)
    {
        MsgPackWriter writer = new(destination);
        writer.WriteByte((byte)MessageType.Ack);
        writer.WriteMapHeader(2);
        writer.WriteNil("Payload"u8);
        writer.WriteField("SeqNo"u8, seqNo);
        return writer.Position;
    }

    public static int Nack(Span<byte> destination, uint seqNo)
    {
        MsgPackWriter writer = new(destination);
        writer.WriteByte((byte)MessageType.Nack);
        writer.WriteMapHeader(1);
        writer.WriteField("SeqNo"u8, seqNo);
        return writer.Position;
    }

    /// <summary>A suspect or dead message.</summary>
    public static int Accusation(Span<byte> destination, MessageType type, uint incarnation, string node, string from)
    {
        MsgPackWriter writer = new(destination);
        writer.WriteByte((byte)type);
        writer.WriteMapHeader(3);
        writer.WriteField("From"u8, from);
        writer.WriteField("Incarnation"u8, incarnation);
        writer.WriteField("Node"u8, node);
        return writer.Position;
    }

    public static int Alive(Span<byte> destination, uint incarnation, string node, IPEndPoint endPoint, ReadOnlySpan<byte> meta, ReadOnlySpan<byte> vsn)
    {
        Span<byte> address = stackalloc byte[16];
        MsgPackWriter writer = new(destination);
        writer.WriteByte((byte)MessageType.Alive);
        writer.WriteMapHeader(6);
        writer.WriteField("Addr"u8, Bytes(endPoint.Address, address));
        writer.WriteField("Incarnation"u8, incarnation);
        WriteMeta(ref writer, meta);
        writer.WriteField("Node"u8, node);
        writer.WriteField("Port"u8, (ushort)endPoint.Port);
        writer.WriteField("Vsn"u8, vsn);
        return writer.Position;
    }

    public static int PushPullHeader(Span<byte> destination, int nodes, int userStateBytes, bool join)
    {
        MsgPackWriter writer = new(destination);
        writer.WriteByte((byte)MessageType.PushPull);
        writer.WriteMapHeader(3);
        writer.WriteField("Join"u8, join);
        writer.WriteField("Nodes"u8, (ulong)nodes);
        writer.WriteField("UserStateLen"u8, (ulong)userStateBytes);
        return writer.Position;
    }

    /// <summary>A node of a push/pull; no type byte.</summary>
    public static int PushPullNode(
        Span<byte> destination, uint incarnation, string name, IPEndPoint endPoint, byte state, ReadOnlySpan<byte> meta, ReadOnlySpan<byte> vsn)
    {
        Span<byte> address = stackalloc byte[16];
        MsgPackWriter writer = new(destination);
        writer.WriteMapHeader(7);
        writer.WriteField("Addr"u8, Bytes(endPoint.Address, address));
        writer.WriteField("Incarnation"u8, incarnation);
        WriteMeta(ref writer, meta);
        writer.WriteField("Name"u8, name);
        writer.WriteField("Port"u8, (ushort)endPoint.Port);
        writer.WriteField("State"u8, state);
        writer.WriteField("Vsn"u8, vsn);
        return writer.Position;
    }

    /// <summary>The TCP form of a user message: header map, then the bytes.</summary>
    public static int UserStream(Span<byte> destination, ReadOnlySpan<byte> message)
    {
        MsgPackWriter writer = new(destination);
        writer.WriteByte((byte)MessageType.User);
        writer.WriteMapHeader(1);
        writer.WriteField("UserMsgLen"u8, (ulong)message.Length);
        writer.WriteBytes(message);
        return writer.Position;
    }

    public static int Error(Span<byte> destination, string error)
    {
        MsgPackWriter writer = new(destination);
        writer.WriteByte((byte)MessageType.Error);
        writer.WriteMapHeader(1);
        writer.WriteField("Error"u8, error);
        return writer.Position;
    }

    public static int Compress(Span<byte> destination, ReadOnlySpan<byte> compressed)
    {
        MsgPackWriter writer = new(destination);
        writer.WriteByte((byte)MessageType.Compress);
        writer.WriteMapHeader(2);
        writer.WriteField("Algo"u8, 0ul);
        writer.WriteField("Buf"u8, compressed);
        return writer.Position;
    }

    public static int NameBytes(string name) => Encoding.UTF8.GetByteCount(name);

    private static void WriteMeta(ref MsgPackWriter writer, ReadOnlySpan<byte> meta)
    {
        if (meta.IsEmpty)
        {
            writer.WriteNil("Meta"u8);
        }
        else
        {
            writer.WriteField("Meta"u8, meta);
        }
    }

    private static ReadOnlySpan<byte> Bytes(IPAddress address, Span<byte> buffer)
    {
        address.TryWriteBytes(buffer, out int written);
        return buffer[..written];
    }
}
