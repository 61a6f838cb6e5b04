using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static SwarmNet.Netlink.NetlinkConstants;

namespace SwarmNet.Netlink;

/// <summary>
/// Encodes netlink messages one after another into a buffer that grows and is reused: once it has its size, writing allocates
/// nothing. Integers are host-endian unless the method says otherwise. Not thread-safe.
/// </summary>
/// <remarks>
/// <code>
///  nlmsghdr:  len u32 | type u16 | flags u16 | seq u32 | pid u32      then payload, padded to 4
///  nlattr:    len u16 | type u16                                      then value, padded to 4 (padding not counted in len)
/// </code>
/// </remarks>
public class NetlinkWriter
{
    private byte[] _buffer;
    private int _length;
    private int _messageStart = -1;

    /// <summary>Creates a writer with room for <paramref name="capacityBytes"/> before the first growth.</summary>
    public NetlinkWriter(int capacityBytes = 4096) => _buffer = new byte[Math.Max(capacityBytes, 64)];

    /// <summary>Bytes written, padding included.</summary>
    public int Length => _length;

    /// <summary>All messages written. Valid until the next call that writes.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Offset of the open message, -1 when none is open.</summary>
    protected int MessageStart => _messageStart;

    /// <summary>Forgets everything written, keeps the buffer.</summary>
    public virtual void Clear()
    {
        _length = 0;
        _messageStart = -1;
    }

    /// <summary>Starts a message. Every message must be closed by <see cref="EndMessage"/>.</summary>
    public void BeginMessage(ushort type, NetlinkFlags flags, uint sequence)
    {
        if (_messageStart >= 0)
        {
            throw new InvalidOperationException("The previous message is still open: call EndMessage first.");
        }

        _messageStart = _length;
        Span<byte> header = Reserve(HeaderLength);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], (ushort)flags);
        MemoryMarshal.Write(header[8..], sequence);
    }

    /// <summary>Closes the open message: fills in its length.</summary>
    public void EndMessage()
    {
        if (_messageStart < 0)
        {
            throw new InvalidOperationException("No message is open: call BeginMessage first.");
        }

        MemoryMarshal.Write(_buffer.AsSpan(_messageStart), (uint)(_length - _messageStart));
        _messageStart = -1;
    }

    /// <summary>Appends a fixed header (ifinfomsg, nfgenmsg …), padded to 4.</summary>
    public void Append<T>(in T header)
        where T : unmanaged => MemoryMarshal.Write(Reserve(Unsafe.SizeOf<T>()), header);

    /// <summary>Appends <paramref name="lengthBytes"/> zero bytes (plus padding to 4) and returns them. Valid until the next call.</summary>
    public Span<byte> Reserve(int lengthBytes)
    {
        int padded = Align(lengthBytes);
        if (_buffer.Length - _length < padded)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + padded));
        }

        Span<byte> span = _buffer.AsSpan(_length, padded);
        span.Clear();
        _length += padded;
        return span[..lengthBytes];
    }

    /// <summary>An attribute of <paramref name="lengthBytes"/> zero bytes; fill the returned value before the next call.</summary>
    public Span<byte> PutSpan(ushort type, int lengthBytes)
    {
        int total = AttributeHeaderLength + lengthBytes;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(total, ushort.MaxValue, nameof(lengthBytes));
        Span<byte> span = Reserve(total);
        MemoryMarshal.Write(span, (ushort)total);
        MemoryMarshal.Write(span[2..], type);
        return span[AttributeHeaderLength..];
    }

    /// <summary>An attribute without a value: its presence is the information.</summary>
    public void PutFlag(ushort type) => PutSpan(type, 0);

    /// <summary>An attribute of raw bytes.</summary>
    public void Put(ushort type, ReadOnlySpan<byte> value) => value.CopyTo(PutSpan(type, value.Length));

    /// <summary>A u8 attribute.</summary>
    public void Put(ushort type, byte value) => PutSpan(type, 1)[0] = value;

    /// <summary>A u8 attribute, 1 or 0.</summary>
    public void Put(ushort type, bool value) => PutSpan(type, 1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>A host-endian u16 attribute.</summary>
    public void Put(ushort type, ushort value) => MemoryMarshal.Write(PutSpan(type, 2), value);

    /// <summary>A host-endian u32 attribute.</summary>
    public void Put(ushort type, uint value) => MemoryMarshal.Write(PutSpan(type, 4), value);

    /// <summary>A host-endian s32 attribute.</summary>
    public void Put(ushort type, int value) => MemoryMarshal.Write(PutSpan(type, 4), value);

    /// <summary>A host-endian u64 attribute.</summary>
    public void Put(ushort type, ulong value) => MemoryMarshal.Write(PutSpan(type, 8), value);

    /// <summary>A big-endian u16 attribute.</summary>
    public void PutBigEndian(ushort type, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(PutSpan(type, 2), value);

    /// <summary>A big-endian u32 attribute.</summary>
    public void PutBigEndian(ushort type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(PutSpan(type, 4), value);

    /// <summary>A big-endian s32 attribute.</summary>
    public void PutBigEndian(ushort type, int value) => BinaryPrimitives.WriteInt32BigEndian(PutSpan(type, 4), value);

    /// <summary>A big-endian u64 attribute.</summary>
    public void PutBigEndian(ushort type, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(PutSpan(type, 8), value);

    /// <summary>A UTF-8 string attribute with its terminating NUL.</summary>
    public void PutString(ushort type, ReadOnlySpan<char> value) =>
        Encoding.UTF8.GetBytes(value, PutSpan(type, Encoding.UTF8.GetByteCount(value) + 1));

    /// <summary>A string attribute from UTF-8 bytes; the terminating NUL is added.</summary>
    public void PutString(ushort type, ReadOnlySpan<byte> utf8) => utf8.CopyTo(PutSpan(type, utf8.Length + 1));

    /// <summary>
    /// Starts a nested attribute and returns the token for <see cref="EndNested"/>. <paramref name="setNestedFlag"/>: NLA_F_NESTED is
    /// required by nf_tables and by strict rtnetlink parsers, and not sent by iproute2 for IFLA_LINKINFO.
    /// </summary>
    public int BeginNested(ushort type, bool setNestedFlag = true)
    {
        int token = _length;
        Span<byte> header = Reserve(AttributeHeaderLength);
        MemoryMarshal.Write(header[2..], setNestedFlag ? (ushort)(type | NLA_F_NESTED) : type);
        return token;
    }

    /// <summary>Length in bytes of the nested attribute so far, header included; at most 65,535 at its end.</summary>
    public int NestedLength(int token) => _length - token;

    /// <summary>Closes a nested attribute. Throws when it is longer than a u16 length can say.</summary>
    public void EndNested(int token)
    {
        int length = _length - token;
        if (length > ushort.MaxValue)
        {
            throw new InvalidOperationException($"A nested attribute of {length} bytes does not fit the limit of 65535; split the message.");
        }

        MemoryMarshal.Write(_buffer.AsSpan(token), (ushort)length);
    }

    /// <summary>Gives the first message a fresh sequence number, which is returned: to send it again.</summary>
    internal uint Renumber()
    {
        uint sequence = NetlinkSocket.NextSequence();
        MemoryMarshal.Write(_buffer.AsSpan(8, 4), sequence);
        return sequence;
    }

    /// <summary>Adds flags to a message that was written before.</summary>
    private protected void OrFlags(int messageStart, NetlinkFlags flags)
    {
        Span<byte> field = _buffer.AsSpan(messageStart + 6, 2);
        MemoryMarshal.Write(field, (ushort)(MemoryMarshal.Read<ushort>(field) | (ushort)flags));
    }
}
