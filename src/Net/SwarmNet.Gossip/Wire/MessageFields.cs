namespace SwarmNet.Gossip.Wire;

/// <summary>
/// The fields of any memberlist message (they never clash); what a message lacks is zero. Spans alias the packet. Unknown keys are ignored.
/// </summary>
internal ref struct MessageFields
{
    public uint SeqNo;
    public uint Incarnation;
    public ushort Port;
    public ushort SourcePort;
    public bool Nack;
    public bool Join;
    public byte Algo;
    public byte State;
    public int Nodes;
    public int UserStateLen;
    public int UserMsgLen;
    public ReadOnlySpan<byte> Node;
    public ReadOnlySpan<byte> From;
    public ReadOnlySpan<byte> Addr;
    public ReadOnlySpan<byte> Meta;
    public ReadOnlySpan<byte> Vsn;
    public ReadOnlySpan<byte> Target;
    public ReadOnlySpan<byte> SourceAddr;
    public ReadOnlySpan<byte> SourceNode;
    public ReadOnlySpan<byte> Payload;
    public ReadOnlySpan<byte> Buf;
    public ReadOnlySpan<byte> Error;

    /// <summary>Reads one map. The push/pull state's "Name" is read as <see cref="Node"/>.</summary>
    public static bool TryRead(scoped ref MsgPackReader reader, out MessageFields fields)
    {
        fields = default;
        if (!reader.TryReadMapHeader(out int count))
        {
            return false;
        }

        MessageFields read = default;
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryReadRaw(out ReadOnlySpan<byte> key) || !read.TryReadValue(key, ref reader))
            {
                return false;
            }
        }

        fields = read;
        return true;
    }

    private bool TryReadValue(scoped ReadOnlySpan<byte> key, scoped ref MsgPackReader reader) => key switch
    {
        _ when key.SequenceEqual("SeqNo"u8) => TryReadUInt32(ref reader, out SeqNo),
        _ when key.SequenceEqual("Node"u8) || key.SequenceEqual("Name"u8) => reader.TryReadRaw(out Node),
        _ when key.SequenceEqual("Incarnation"u8) => TryReadUInt32(ref reader, out Incarnation),
        _ when key.SequenceEqual("From"u8) => reader.TryReadRaw(out From),
        _ when key.SequenceEqual("Addr"u8) => reader.TryReadRaw(out Addr),
        _ when key.SequenceEqual("Port"u8) => TryReadUInt16(ref reader, out Port),
        _ when key.SequenceEqual("Meta"u8) => reader.TryReadRaw(out Meta),
        _ when key.SequenceEqual("Vsn"u8) => reader.TryReadRaw(out Vsn),
        _ when key.SequenceEqual("Payload"u8) => reader.TryReadRaw(out Payload),
        _ when key.SequenceEqual("SourceAddr"u8) => reader.TryReadRaw(out SourceAddr),
        _ when key.SequenceEqual("SourcePort"u8) => TryReadUInt16(ref reader, out SourcePort),
        _ when key.SequenceEqual("SourceNode"u8) => reader.TryReadRaw(out SourceNode),
        _ when key.SequenceEqual("Target"u8) => reader.TryReadRaw(out Target),
        _ when key.SequenceEqual("Nack"u8) => reader.TryReadBool(out Nack),
        _ when key.SequenceEqual("State"u8) => TryReadByte(ref reader, out State),
        _ when key.SequenceEqual("Join"u8) => reader.TryReadBool(out Join),
        _ when key.SequenceEqual("Nodes"u8) => TryReadInt32(ref reader, out Nodes),
        _ when key.SequenceEqual("UserStateLen"u8) => TryReadInt32(ref reader, out UserStateLen),
        _ when key.SequenceEqual("UserMsgLen"u8) => TryReadInt32(ref reader, out UserMsgLen),
        _ when key.SequenceEqual("Algo"u8) => TryReadByte(ref reader, out Algo),
        _ when key.SequenceEqual("Buf"u8) => reader.TryReadRaw(out Buf),
        _ when key.SequenceEqual("Error"u8) => reader.TryReadRaw(out Error),
        _ => reader.TrySkip(),
    };

    private static bool TryReadUInt32(ref MsgPackReader reader, out uint value)
    {
        bool read = reader.TryReadUnsigned(out ulong wide);
        value = (uint)wide;
        return read && wide <= uint.MaxValue;
    }

    private static bool TryReadInt32(ref MsgPackReader reader, out int value)
    {
        bool read = reader.TryReadUnsigned(out ulong wide);
        value = (int)wide;
        return read && wide <= int.MaxValue;
    }

    private static bool TryReadUInt16(ref MsgPackReader reader, out ushort value)
    {
        bool read = reader.TryReadUnsigned(out ulong wide);
        value = (ushort)wide;
        return read && wide <= ushort.MaxValue;
    }

    private static bool TryReadByte(ref MsgPackReader reader, out byte value)
    {
        bool read = reader.TryReadUnsigned(out ulong wide);
        value = (byte)wide;
        return read && wide <= byte.MaxValue;
    }
}
