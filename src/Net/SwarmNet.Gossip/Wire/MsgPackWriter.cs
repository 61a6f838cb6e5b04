using System.Buffers.Binary;
using System.Text;

namespace SwarmNet.Gossip.Wire;

/// <summary>Writes the msgpack subset of memberlist: the old raw family only, smallest integers. The destination must be large enough.</summary>
internal ref struct MsgPackWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Position { get; private set; }

    public void WriteByte(byte value) => _destination[Position++] = value;

    public void WriteMapHeader(int count) => WriteByte((byte)(0x80 | count));

    public void WriteField(scoped ReadOnlySpan<byte> key, ulong value)
    {
        WriteRaw(key);
        WriteUnsigned(value);
    }

    public void WriteField(scoped ReadOnlySpan<byte> key, bool value)
    {
        WriteRaw(key);
        WriteByte((byte)(value ? 0xC3 : 0xC2));
    }

    public void WriteField(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value)
    {
        WriteRaw(key);
        WriteRaw(value);
    }

    public void WriteField(scoped ReadOnlySpan<byte> key, string value)
    {
        WriteRaw(key);
        int bytes = Encoding.UTF8.GetByteCount(value);
        WriteRawHeader(bytes);
        Position += Encoding.UTF8.GetBytes(value, _destination[Position..]);
    }

    public void WriteNil(scoped ReadOnlySpan<byte> key)
    {
        WriteRaw(key);
        WriteByte(0xC0);
    }

    public void WriteBytes(scoped ReadOnlySpan<byte> value)
    {
        value.CopyTo(_destination[Position..]);
        Position += value.Length;
    }

    private void WriteRaw(scoped ReadOnlySpan<byte> value)
    {
        WriteRawHeader(value.Length);
        WriteBytes(value);
    }

    private void WriteRawHeader(int length)
    {
        if (length < 32)
        {
            WriteByte((byte)(0xA0 | length));
        }
        else if (length <= ushort.MaxValue)
        {
            WriteByte(0xDA);
            BinaryPrimitives.WriteUInt16BigEndian(_destination[Position..], (ushort)length);
            Position += sizeof(ushort);
        }
        else
        {
            WriteByte(0xDB);
            BinaryPrimitives.WriteUInt32BigEndian(_destination[Position..], (uint)length);
            Position += sizeof(uint);
        }
    }

    private void WriteUnsigned(ulong value)
    {
        switch (value)
        {
            case <= 0x7F:
                WriteByte((byte)value);
                break;
            case <= byte.MaxValue:
                WriteByte(0xCC);
                WriteByte((byte)value);
                break;
            case <= ushort.MaxValue:
                WriteByte(0xCD);
                BinaryPrimitives.WriteUInt16BigEndian(_destination[Position..], (ushort)value);
                Position += sizeof(ushort);
                break;
            case <= uint.MaxValue:
                WriteByte(0xCE);
                BinaryPrimitives.WriteUInt32BigEndian(_destination[Position..], (uint)value);
                Position += sizeof(uint);
                break;
            default:
                WriteByte(0xCF);
                BinaryPrimitives.WriteUInt64BigEndian(_destination[Position..], value);
                Position += sizeof(ulong);
                break;
        }
    }
}
