using System.Net;
using System.Net.Sockets;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>
/// A VXLAN device (RFC 7348). Its UDP socket lives in the namespace of the netlink socket even when the link itself is born in another
/// one. What is null is left to the kernel.
/// </summary>
public sealed record VxlanSpec : LinkSpec
{
    /// <summary>VXLAN network identifier, 24 bits.</summary>
    public required uint Vni { get; init; }

    /// <summary>UDP destination port; the kernel's own default is 8472, IANA's is 4789.</summary>
    public ushort Port { get; init; } = 4789;

    /// <summary>Source address of the tunnel packets.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>Multicast group or single default destination. <c>::</c> = none, but the tunnel runs over IPv6.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>Index of the underlying link.</summary>
    public int? Link { get; init; }

    /// <summary>TTL of the tunnel packets; 0 = the host's default.</summary>
    public byte? Ttl { get; init; }

    /// <summary>Tunnel packets take the TTL of the packet inside.</summary>
    public bool TtlInherit { get; init; }

    /// <summary>The don't-fragment bit of tunnel packets over IPv4.</summary>
    public VxlanDf? Df { get; init; }

    /// <summary>TOS of the tunnel packets; 1 = inherit.</summary>
    public byte? Tos { get; init; }

    /// <summary>Learn source addresses from received packets (kernel: on).</summary>
    public bool? Learning { get; init; }

    /// <summary>Answer ARP and neighbour solicitations from the neighbour table.</summary>
    public bool? Proxy { get; init; }

    /// <summary>Route short circuit.</summary>
    public bool? Rsc { get; init; }

    /// <summary>Notify about unknown Ethernet addresses.</summary>
    public bool? L2Miss { get; init; }

    /// <summary>Notify about unknown IP addresses.</summary>
    public bool? L3Miss { get; init; }

    /// <summary>Life of learned addresses, in seconds.</summary>
    public uint? AgeingSeconds { get; init; }

    /// <summary>At most so many forwarding entries.</summary>
    public uint? Limit { get; init; }

    /// <summary>Lowest and highest UDP source port.</summary>
    public (ushort Low, ushort High)? SourcePorts { get; init; }

    /// <summary>UDP checksum over IPv4.</summary>
    public bool? UdpChecksum { get; init; }

    /// <summary>Send without UDP checksum over IPv6.</summary>
    public bool? UdpZeroChecksum6Tx { get; init; }

    /// <summary>Accept packets without UDP checksum over IPv6.</summary>
    public bool? UdpZeroChecksum6Rx { get; init; }

    /// <summary>Group-based policy extension.</summary>
    public bool GroupPolicy { get; init; }

    /// <inheritdoc/>
    public override string Kind => "vxlan";

    internal override void WriteData(NetlinkWriter writer, bool create)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Vni, 0xffffffu);
        writer.Put(IFLA_VXLAN_ID, Vni);
        WriteAddress(writer, Remote, IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6);
        WriteAddress(writer, Local, IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6);
        if (Link is { } link)
        {
            writer.Put(IFLA_VXLAN_LINK, link);
        }

        WriteByte(writer, IFLA_VXLAN_TTL, Ttl);
        if (TtlInherit)
        {
            writer.PutFlag(IFLA_VXLAN_TTL_INHERIT);
        }

        WriteByte(writer, IFLA_VXLAN_TOS, Tos);
        WriteByte(writer, IFLA_VXLAN_DF, (byte?)Df);
        WriteBool(writer, IFLA_VXLAN_LEARNING, Learning);
        WriteBool(writer, IFLA_VXLAN_PROXY, Proxy);
        WriteBool(writer, IFLA_VXLAN_RSC, Rsc);
        WriteBool(writer, IFLA_VXLAN_L2MISS, L2Miss);
        WriteBool(writer, IFLA_VXLAN_L3MISS, L3Miss);
        if (AgeingSeconds is { } ageing)
        {
            writer.Put(IFLA_VXLAN_AGEING, ageing);
        }

        if (Limit is { } limit)
        {
            writer.Put(IFLA_VXLAN_LIMIT, limit);
        }

        if (SourcePorts is { } ports)
        {
            // struct ifla_vxlan_port_range { __be16 low, high }
            writer.PutBigEndian(IFLA_VXLAN_PORT_RANGE, ((uint)ports.Low << 16) | ports.High);
        }

        if (create)
        {
            writer.PutBigEndian(IFLA_VXLAN_PORT, Port); // refused in a change even when it is the same
        }

        WriteBool(writer, IFLA_VXLAN_UDP_CSUM, UdpChecksum);
        WriteBool(writer, IFLA_VXLAN_UDP_ZERO_CSUM6_TX, UdpZeroChecksum6Tx);
        WriteBool(writer, IFLA_VXLAN_UDP_ZERO_CSUM6_RX, UdpZeroChecksum6Rx);
        if (GroupPolicy)
        {
            writer.PutFlag(IFLA_VXLAN_GBP);
        }
    }

    private static void WriteBool(NetlinkWriter writer, ushort type, bool? value)
    {
        if (value is { } v)
        {
            writer.Put(type, v);
        }
    }

    private static void WriteByte(NetlinkWriter writer, ushort type, byte? value)
    {
        if (value is { } v)
        {
            writer.Put(type, v);
        }
    }

    private static void WriteAddress(NetlinkWriter writer, IPAddress? address, ushort type4, ushort type6)
    {
        if (address is not null)
        {
            writer.PutAddress(address.AddressFamily == AddressFamily.InterNetwork ? type4 : type6, address);
        }
    }
}
