using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace SwarmNet.Netlink;

/// <summary>
/// One attribute; a view of the receive buffer. The Try methods answer false when the value is shorter than asked for (the kernel may
/// send longer ones), the plain ones return 0 in that case.
/// </summary>
public readonly ref struct NetlinkAttribute
{
    internal NetlinkAttribute(ushort type, ReadOnlySpan<byte> value)
    {
        Type = type;
        Value = value;
    }

    /// <summary>nla_type without its two flag bits.</summary>
    public ushort Type { get; }

    /// <summary>The value without padding.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The attributes inside.</summary>
    public NetlinkAttributeReader Nested => new(Value);

    /// <summary>The u8 value.</summary>
    public byte Byte => Value.IsEmpty ? (byte)0 : Value[0];

    /// <summary>The host-endian u16 value.</summary>
    public ushort UInt16 => MemoryMarshal.TryRead(Value, out ushort v) ? v : (ushort)0;

    /// <summary>The host-endian u32 value.</summary>
    public uint UInt32 => MemoryMarshal.TryRead(Value, out uint v) ? v : 0;

    /// <summary>The host-endian s32 value.</summary>
    public int Int32 => MemoryMarshal.TryRead(Value, out int v) ? v : 0;

    /// <summary>The host-endian u64 value.</summary>
    public ulong UInt64 => MemoryMarshal.TryRead(Value, out ulong v) ? v : 0;

    /// <summary>The big-endian u16 value.</summary>
    public ushort UInt16BigEndian => BinaryPrimitives.TryReadUInt16BigEndian(Value, out ushort v) ? v : (ushort)0;

    /// <summary>The big-endian u32 value.</summary>
    public uint UInt32BigEndian => BinaryPrimitives.TryReadUInt32BigEndian(Value, out uint v) ? v : 0;

    /// <summary>The big-endian u64 value.</summary>
    public ulong UInt64BigEndian => BinaryPrimitives.TryReadUInt64BigEndian(Value, out ulong v) ? v : 0;

    /// <summary>The bytes of a string value, up to the first NUL.</summary>
    public ReadOnlySpan<byte> StringBytes
    {
        get
        {
            int end = Value.IndexOf((byte)0);
            return end < 0 ? Value : Value[..end];
        }
    }

    /// <summary>The host-endian unmanaged value; false when the attribute is shorter.</summary>
    public bool TryRead<T>(out T value)
        where T : unmanaged => MemoryMarshal.TryRead(Value, out value);

    /// <summary>The string value (allocates it).</summary>
    public string GetString() => Encoding.UTF8.GetString(StringBytes);
}
