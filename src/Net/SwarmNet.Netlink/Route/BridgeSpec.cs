using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>A bridge. What is null is left to the kernel.</summary>
public sealed record BridgeSpec : LinkSpec
{
    /// <summary>Time after which a learned address is forgotten, in hundredths of a second (kernel: 30000).</summary>
    public uint? AgeingTimeCentiseconds { get; init; }

    /// <summary>Spanning tree.</summary>
    public bool? Stp { get; init; }

    /// <summary>VLAN filtering.</summary>
    public bool? VlanFiltering { get; init; }

    /// <summary>VLAN of untagged frames; 0 = none.</summary>
    public ushort? DefaultPvid { get; init; }

    /// <summary>Forward multicast only where it was asked for.</summary>
    public bool? MulticastSnooping { get; init; }

    /// <summary>Pass bridged IPv4 frames through the IP netfilter hooks.</summary>
    public bool? NfCallIptables { get; init; }

    /// <summary>Pass bridged IPv6 frames through the IP netfilter hooks.</summary>
    public bool? NfCallIp6tables { get; init; }

    /// <summary>Which link-local group addresses 01:80:c2:00:00:0X are forwarded, a bit for each X.</summary>
    public ushort? GroupForwardMask { get; init; }

    /// <inheritdoc/>
    public override string Kind => "bridge";

    internal override void WriteData(NetlinkWriter writer, bool create)
    {
        if (AgeingTimeCentiseconds is { } ageing)
        {
            writer.Put(IFLA_BR_AGEING_TIME, ageing);
        }

        if (Stp is { } stp)
        {
            writer.Put(IFLA_BR_STP_STATE, stp ? 1u : 0u);
        }

        if (VlanFiltering is { } filtering)
        {
            writer.Put(IFLA_BR_VLAN_FILTERING, filtering);
        }

        if (DefaultPvid is { } pvid)
        {
            writer.Put(IFLA_BR_VLAN_DEFAULT_PVID, pvid);
        }

        if (MulticastSnooping is { } snooping)
        {
            writer.Put(IFLA_BR_MCAST_SNOOPING, snooping);
        }

        if (NfCallIptables is { } ip)
        {
            writer.Put(IFLA_BR_NF_CALL_IPTABLES, ip);
        }

        if (NfCallIp6tables is { } ip6)
        {
            writer.Put(IFLA_BR_NF_CALL_IP6TABLES, ip6);
        }

        if (GroupForwardMask is { } mask)
        {
            writer.Put(IFLA_BR_GROUP_FWD_MASK, mask);
        }
    }
}
