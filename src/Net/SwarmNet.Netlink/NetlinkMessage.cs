using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SwarmNet.Netlink;

/// <summary>One received message; a view of the receive buffer.</summary>
public readonly ref struct NetlinkMessage
{
    internal NetlinkMessage(ushort type, NetlinkFlags flags, uint sequence, uint portId, ReadOnlySpan<byte> payload)
    {
        Type = type;
        Flags = flags;
        Sequence = sequence;
        PortId = portId;
        Payload = payload;
    }

    /// <summary>nlmsg_type.</summary>
    public ushort Type { get; }

    /// <summary>nlmsg_flags.</summary>
    public NetlinkFlags Flags { get; }

    /// <summary>nlmsg_seq.</summary>
    public uint Sequence { get; }

    /// <summary>nlmsg_pid.</summary>
    public uint PortId { get; }

    /// <summary>What follows the 16-byte header.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Reads the fixed header of the family (ifinfomsg, ndmsg …); false when the payload is shorter.</summary>
    public bool TryReadHeader<T>(out T header)
        where T : unmanaged => MemoryMarshal.TryRead(Payload, out header);

    /// <summary>The attributes behind a fixed header of type <typeparamref name="T"/>; none when the payload is shorter.</summary>
    public NetlinkAttributeReader Attributes<T>()
        where T : unmanaged => Attributes(Unsafe.SizeOf<T>());

    /// <summary>The attributes behind a fixed header of <paramref name="headerBytes"/>; none when the payload is shorter.</summary>
    public NetlinkAttributeReader Attributes(int headerBytes)
    {
        int start = NetlinkConstants.Align(headerBytes);
        return new NetlinkAttributeReader(start <= Payload.Length ? Payload[start..] : default);
    }
}
