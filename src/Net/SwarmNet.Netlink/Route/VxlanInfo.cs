using System.Net;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>Settings of a vxlan device as listed; see <see cref="VxlanSpec"/>.</summary>
public readonly record struct VxlanInfo
{
    /// <summary>VXLAN network identifier.</summary>
    public uint Vni { get; init; }

    /// <summary>UDP destination port.</summary>
    public ushort Port { get; init; }

    /// <summary>Source address of the tunnel packets, or null.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>Multicast group or default destination, or null.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>Learns source addresses.</summary>
    public bool Learning { get; init; }

    /// <summary>Answers ARP from the neighbour table.</summary>
    public bool Proxy { get; init; }

    /// <summary>Route short circuit.</summary>
    public bool Rsc { get; init; }

    /// <summary>Notifies about unknown Ethernet addresses.</summary>
    public bool L2Miss { get; init; }

    /// <summary>Notifies about unknown IP addresses.</summary>
    public bool L3Miss { get; init; }

    /// <summary>UDP checksum over IPv4.</summary>
    public bool UdpChecksum { get; init; }

    /// <summary>Sends without UDP checksum over IPv6.</summary>
    public bool UdpZeroChecksum6Tx { get; init; }

    /// <summary>Accepts packets without UDP checksum over IPv6.</summary>
    public bool UdpZeroChecksum6Rx { get; init; }

    /// <summary>Life of learned addresses, in seconds.</summary>
    public uint AgeingSeconds { get; init; }

    /// <summary>At most so many forwarding entries; 0 = no limit.</summary>
    public uint Limit { get; init; }

    /// <summary>Index of the underlying link; 0 = none.</summary>
    public int Link { get; init; }

    /// <summary>TTL of the tunnel packets; 0 = the host's default.</summary>
    public byte Ttl { get; init; }

    /// <summary>Tunnel packets take the TTL of the packet inside.</summary>
    public bool TtlInherit { get; init; }

    /// <summary>TOS of the tunnel packets; 1 = inherit.</summary>
    public byte Tos { get; init; }

    /// <summary>The don't-fragment bit of tunnel packets over IPv4.</summary>
    public VxlanDf Df { get; init; }

    /// <summary>Lowest and highest UDP source port; 0, 0 = the host's.</summary>
    public (ushort Low, ushort High) SourcePorts { get; init; }

    /// <summary>Group-based policy extension.</summary>
    public bool GroupPolicy { get; init; }

    internal static VxlanInfo Parse(NetlinkAttributeReader data)
    {
        var info = new VxlanInfo();
        while (data.TryRead(out NetlinkAttribute attribute))
        {
            info = attribute.Type switch
            {
                IFLA_VXLAN_ID => info with { Vni = attribute.UInt32 },
                IFLA_VXLAN_PORT => info with { Port = attribute.UInt16BigEndian },
                IFLA_VXLAN_LOCAL or IFLA_VXLAN_LOCAL6 => info with { Local = AddressEncoding.ReadAddress(attribute.Value) },
                IFLA_VXLAN_GROUP or IFLA_VXLAN_GROUP6 => info with { Remote = AddressEncoding.ReadAddress(attribute.Value) },
                IFLA_VXLAN_LEARNING => info with { Learning = attribute.Byte != 0 },
                IFLA_VXLAN_PROXY => info with { Proxy = attribute.Byte != 0 },
                IFLA_VXLAN_RSC => info with { Rsc = attribute.Byte != 0 },
                IFLA_VXLAN_L2MISS => info with { L2Miss = attribute.Byte != 0 },
                IFLA_VXLAN_L3MISS => info with { L3Miss = attribute.Byte != 0 },
                IFLA_VXLAN_UDP_CSUM => info with { UdpChecksum = attribute.Byte != 0 },
                IFLA_VXLAN_UDP_ZERO_CSUM6_TX => info with { UdpZeroChecksum6Tx = attribute.Byte != 0 },
                IFLA_VXLAN_UDP_ZERO_CSUM6_RX => info with { UdpZeroChecksum6Rx = attribute.Byte != 0 },
                IFLA_VXLAN_LIMIT => info with { Limit = attribute.UInt32 },
                IFLA_VXLAN_LINK => info with { Link = attribute.Int32 },
                IFLA_VXLAN_TTL => info with { Ttl = attribute.Byte },
                // A flag for us; the kernel answers with a u8.
                IFLA_VXLAN_TTL_INHERIT => info with { TtlInherit = attribute.Value.IsEmpty || attribute.Byte != 0 },
                IFLA_VXLAN_TOS => info with { Tos = attribute.Byte },
                IFLA_VXLAN_DF => info with { Df = (VxlanDf)attribute.Byte },
                IFLA_VXLAN_PORT_RANGE => info with { SourcePorts = ((ushort)(attribute.UInt32BigEndian >> 16), (ushort)attribute.UInt32BigEndian) },
                IFLA_VXLAN_GBP => info with { GroupPolicy = true },
                IFLA_VXLAN_AGEING => info with { AgeingSeconds = attribute.UInt32 },
                _ => info,
            };
        }

        return info;
    }
}
