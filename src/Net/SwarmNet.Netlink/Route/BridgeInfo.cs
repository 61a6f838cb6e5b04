using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>Settings of a bridge as listed; see <see cref="BridgeSpec"/>.</summary>
public readonly record struct BridgeInfo
{
    /// <summary>Life of learned addresses, in hundredths of a second.</summary>
    public uint AgeingTimeCentiseconds { get; init; }

    /// <summary>Spanning tree.</summary>
    public bool Stp { get; init; }

    /// <summary>VLAN filtering.</summary>
    public bool VlanFiltering { get; init; }

    /// <summary>VLAN of untagged frames; 0 = none.</summary>
    public ushort DefaultPvid { get; init; }

    /// <summary>Multicast snooping.</summary>
    public bool MulticastSnooping { get; init; }

    /// <summary>Passes bridged IPv4 frames through the IP netfilter hooks.</summary>
    public bool NfCallIptables { get; init; }

    /// <summary>Passes bridged IPv6 frames through the IP netfilter hooks.</summary>
    public bool NfCallIp6tables { get; init; }

    /// <summary>Which link-local group addresses 01:80:c2:00:00:0X are forwarded, a bit for each X.</summary>
    public ushort GroupForwardMask { get; init; }

    internal static BridgeInfo Parse(NetlinkAttributeReader data)
    {
        var info = new BridgeInfo();
        while (data.TryRead(out NetlinkAttribute attribute))
        {
            info = attribute.Type switch
            {
                IFLA_BR_AGEING_TIME => info with { AgeingTimeCentiseconds = attribute.UInt32 },
                IFLA_BR_STP_STATE => info with { Stp = attribute.UInt32 != 0 },
                IFLA_BR_VLAN_FILTERING => info with { VlanFiltering = attribute.Byte != 0 },
                IFLA_BR_VLAN_DEFAULT_PVID => info with { DefaultPvid = attribute.UInt16 },
                IFLA_BR_MCAST_SNOOPING => info with { MulticastSnooping = attribute.Byte != 0 },
                IFLA_BR_NF_CALL_IPTABLES => info with { NfCallIptables = attribute.Byte != 0 },
                IFLA_BR_NF_CALL_IP6TABLES => info with { NfCallIp6tables = attribute.Byte != 0 },
                IFLA_BR_GROUP_FWD_MASK => info with { GroupForwardMask = attribute.UInt16 },
                _ => info,
            };
        }

        return info;
    }
}
