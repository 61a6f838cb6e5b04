using System.Net;
using static SwarmNet.Netlink.Conntrack.ConntrackConstants;

namespace SwarmNet.Netlink.Conntrack;

/// <summary>One direction of a flow; a view of the receive buffer.</summary>
public readonly ref struct ConntrackTupleView
{
    /// <summary>IP protocol number (6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6).</summary>
    public byte Protocol { get; private init; }

    /// <summary>Source address, 4 or 16 bytes.</summary>
    public ReadOnlySpan<byte> Source { get; private init; }

    /// <summary>Destination address, as long as the source.</summary>
    public ReadOnlySpan<byte> Destination { get; private init; }

    /// <summary>Source port; for ICMP the echo identifier.</summary>
    public ushort SourcePort { get; private init; }

    /// <summary>Destination port; for ICMP type (high byte) and code.</summary>
    public ushort DestinationPort { get; private init; }

    /// <summary>The tuple as a value.</summary>
    public ConntrackTuple ToTuple() => new(Protocol, new IPAddress(Source), new IPAddress(Destination), SourcePort, DestinationPort);

    internal static bool TryCreate(NetlinkAttributeReader tuple, out ConntrackTupleView view)
    {
        view = default;
        if (!tuple.TryFind(CTA_TUPLE_IP, out NetlinkAttribute ip) || !TryReadAddresses(ip.Nested, out ReadOnlySpan<byte> source, out ReadOnlySpan<byte> destination)
            || !tuple.TryFind(CTA_TUPLE_PROTO, out NetlinkAttribute protocol)
            || !protocol.Nested.TryFind(CTA_PROTO_NUM, out NetlinkAttribute number))
        {
            return false;
        }

        NetlinkAttributeReader parts = protocol.Nested;
        (ushort first, ushort second) = number.Byte switch
        {
            IPPROTO_ICMP => (Port(parts, CTA_PROTO_ICMP_ID), TypeAndCode(parts, CTA_PROTO_ICMP_TYPE, CTA_PROTO_ICMP_CODE)),
            IPPROTO_ICMPV6 => (Port(parts, CTA_PROTO_ICMPV6_ID), TypeAndCode(parts, CTA_PROTO_ICMPV6_TYPE, CTA_PROTO_ICMPV6_CODE)),
            _ => (Port(parts, CTA_PROTO_SRC_PORT), Port(parts, CTA_PROTO_DST_PORT)),
        };
        view = new ConntrackTupleView { Protocol = number.Byte, Source = source, Destination = destination, SourcePort = first, DestinationPort = second };
        return true;
    }

    private static bool TryReadAddresses(NetlinkAttributeReader ip, out ReadOnlySpan<byte> source, out ReadOnlySpan<byte> destination)
    {
        if (ip.TryFind(CTA_IP_V4_SRC, out NetlinkAttribute first) && ip.TryFind(CTA_IP_V4_DST, out NetlinkAttribute second))
        {
            source = first.Value;
            destination = second.Value;
            return source.Length == 4 && destination.Length == 4;
        }

        if (ip.TryFind(CTA_IP_V6_SRC, out first) && ip.TryFind(CTA_IP_V6_DST, out second))
        {
            source = first.Value;
            destination = second.Value;
            return source.Length == 16 && destination.Length == 16;
        }

        source = default;
        destination = default;
        return false;
    }

    private static ushort Port(NetlinkAttributeReader parts, ushort type) => parts.TryFind(type, out NetlinkAttribute port) ? port.UInt16BigEndian : (ushort)0;

    private static ushort TypeAndCode(NetlinkAttributeReader parts, ushort type, ushort code) =>
        (ushort)(((parts.TryFind(type, out NetlinkAttribute t) ? t.Byte : 0) << 8) | (parts.TryFind(code, out NetlinkAttribute c) ? c.Byte : 0));
}
