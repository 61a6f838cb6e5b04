using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>The attributes of rtnetlink requests, for error messages.</summary>
internal static class RouteSchema
{
    private static readonly NetlinkAttributeSet _vxlan = new NetlinkAttributeSet()
        .Add(IFLA_VXLAN_ID, nameof(IFLA_VXLAN_ID))
        .Add(IFLA_VXLAN_GROUP, nameof(IFLA_VXLAN_GROUP))
        .Add(IFLA_VXLAN_LINK, nameof(IFLA_VXLAN_LINK))
        .Add(IFLA_VXLAN_LOCAL, nameof(IFLA_VXLAN_LOCAL))
        .Add(IFLA_VXLAN_TTL, nameof(IFLA_VXLAN_TTL))
        .Add(IFLA_VXLAN_TOS, nameof(IFLA_VXLAN_TOS))
        .Add(IFLA_VXLAN_LEARNING, nameof(IFLA_VXLAN_LEARNING))
        .Add(IFLA_VXLAN_AGEING, nameof(IFLA_VXLAN_AGEING))
        .Add(IFLA_VXLAN_LIMIT, nameof(IFLA_VXLAN_LIMIT))
        .Add(IFLA_VXLAN_PORT_RANGE, nameof(IFLA_VXLAN_PORT_RANGE))
        .Add(IFLA_VXLAN_PROXY, nameof(IFLA_VXLAN_PROXY))
        .Add(IFLA_VXLAN_RSC, nameof(IFLA_VXLAN_RSC))
        .Add(IFLA_VXLAN_L2MISS, nameof(IFLA_VXLAN_L2MISS))
        .Add(IFLA_VXLAN_L3MISS, nameof(IFLA_VXLAN_L3MISS))
        .Add(IFLA_VXLAN_PORT, nameof(IFLA_VXLAN_PORT))
        .Add(IFLA_VXLAN_GROUP6, nameof(IFLA_VXLAN_GROUP6))
        .Add(IFLA_VXLAN_LOCAL6, nameof(IFLA_VXLAN_LOCAL6))
        .Add(IFLA_VXLAN_UDP_CSUM, nameof(IFLA_VXLAN_UDP_CSUM))
        .Add(IFLA_VXLAN_UDP_ZERO_CSUM6_TX, nameof(IFLA_VXLAN_UDP_ZERO_CSUM6_TX))
        .Add(IFLA_VXLAN_UDP_ZERO_CSUM6_RX, nameof(IFLA_VXLAN_UDP_ZERO_CSUM6_RX))
        .Add(IFLA_VXLAN_GBP, nameof(IFLA_VXLAN_GBP))
        .Add(IFLA_VXLAN_COLLECT_METADATA, nameof(IFLA_VXLAN_COLLECT_METADATA))
        .Add(IFLA_VXLAN_TTL_INHERIT, nameof(IFLA_VXLAN_TTL_INHERIT))
        .Add(IFLA_VXLAN_DF, nameof(IFLA_VXLAN_DF));

    private static readonly NetlinkAttributeSet _bridge = new NetlinkAttributeSet()
        .Add(IFLA_BR_AGEING_TIME, nameof(IFLA_BR_AGEING_TIME))
        .Add(IFLA_BR_STP_STATE, nameof(IFLA_BR_STP_STATE))
        .Add(IFLA_BR_VLAN_FILTERING, nameof(IFLA_BR_VLAN_FILTERING))
        .Add(IFLA_BR_GROUP_FWD_MASK, nameof(IFLA_BR_GROUP_FWD_MASK))
        .Add(IFLA_BR_MCAST_SNOOPING, nameof(IFLA_BR_MCAST_SNOOPING))
        .Add(IFLA_BR_NF_CALL_IPTABLES, nameof(IFLA_BR_NF_CALL_IPTABLES))
        .Add(IFLA_BR_NF_CALL_IP6TABLES, nameof(IFLA_BR_NF_CALL_IP6TABLES))
        .Add(IFLA_BR_VLAN_DEFAULT_PVID, nameof(IFLA_BR_VLAN_DEFAULT_PVID));

    private static readonly NetlinkAttributeSet _bridgePort = new NetlinkAttributeSet()
        .Add(IFLA_BRPORT_STATE, nameof(IFLA_BRPORT_STATE))
        .Add(IFLA_BRPORT_MODE, nameof(IFLA_BRPORT_MODE))
        .Add(IFLA_BRPORT_LEARNING, nameof(IFLA_BRPORT_LEARNING))
        .Add(IFLA_BRPORT_UNICAST_FLOOD, nameof(IFLA_BRPORT_UNICAST_FLOOD))
        .Add(IFLA_BRPORT_PROXYARP, nameof(IFLA_BRPORT_PROXYARP))
        .Add(IFLA_BRPORT_MCAST_FLOOD, nameof(IFLA_BRPORT_MCAST_FLOOD))
        .Add(IFLA_BRPORT_BCAST_FLOOD, nameof(IFLA_BRPORT_BCAST_FLOOD))
        .Add(IFLA_BRPORT_NEIGH_SUPPRESS, nameof(IFLA_BRPORT_NEIGH_SUPPRESS))
        .Add(IFLA_BRPORT_ISOLATED, nameof(IFLA_BRPORT_ISOLATED));

    private static readonly NetlinkAttributeSet _vethPeer = AddLink(new NetlinkAttributeSet(headerBytes: 16));

    private static readonly NetlinkAttributeSet _veth = new NetlinkAttributeSet()
        .Add(VETH_INFO_PEER, nameof(VETH_INFO_PEER), _vethPeer);

    private static readonly NetlinkAttributeSet _macvlan = new NetlinkAttributeSet()
        .Add(IFLA_MACVLAN_MODE, nameof(IFLA_MACVLAN_MODE));

    private static readonly NetlinkAttributeSet _linkInfo = new NetlinkAttributeSet()
        .Add(IFLA_INFO_KIND, nameof(IFLA_INFO_KIND))
        .AddSelected(IFLA_INFO_DATA, nameof(IFLA_INFO_DATA), IFLA_INFO_KIND, DataOf)
        .Add(IFLA_INFO_SLAVE_KIND, nameof(IFLA_INFO_SLAVE_KIND))
        .Add(IFLA_INFO_SLAVE_DATA, nameof(IFLA_INFO_SLAVE_DATA), _bridgePort);

    private static readonly NetlinkAttributeSet _link = AddLink(new NetlinkAttributeSet(headerBytes: 16))
        .Add(IFLA_LINKINFO, nameof(IFLA_LINKINFO), _linkInfo)
        .Add(IFLA_PROTINFO, nameof(IFLA_PROTINFO), _bridgePort);

    private static readonly NetlinkAttributeSet _address = new NetlinkAttributeSet(headerBytes: 8)
        .Add(IFA_ADDRESS, nameof(IFA_ADDRESS))
        .Add(IFA_LOCAL, nameof(IFA_LOCAL))
        .Add(IFA_LABEL, nameof(IFA_LABEL))
        .Add(IFA_BROADCAST, nameof(IFA_BROADCAST))
        .Add(IFA_FLAGS, nameof(IFA_FLAGS));

    private static readonly NetlinkAttributeSet _route = new NetlinkAttributeSet(headerBytes: 12)
        .Add(RTA_DST, nameof(RTA_DST))
        .Add(RTA_SRC, nameof(RTA_SRC))
        .Add(RTA_OIF, nameof(RTA_OIF))
        .Add(RTA_GATEWAY, nameof(RTA_GATEWAY))
        .Add(RTA_PRIORITY, nameof(RTA_PRIORITY))
        .Add(RTA_PREFSRC, nameof(RTA_PREFSRC))
        .Add(RTA_TABLE, nameof(RTA_TABLE));

    private static readonly NetlinkAttributeSet _rule = new NetlinkAttributeSet(headerBytes: 12)
        .Add(FRA_DST, nameof(FRA_DST))
        .Add(FRA_SRC, nameof(FRA_SRC))
        .Add(FRA_IIFNAME, nameof(FRA_IIFNAME))
        .Add(FRA_PRIORITY, nameof(FRA_PRIORITY))
        .Add(FRA_FWMARK, nameof(FRA_FWMARK))
        .Add(FRA_TABLE, nameof(FRA_TABLE))
        .Add(FRA_FWMASK, nameof(FRA_FWMASK))
        .Add(FRA_OIFNAME, nameof(FRA_OIFNAME));

    private static readonly NetlinkAttributeSet _neighbour = new NetlinkAttributeSet(headerBytes: 12)
        .Add(NDA_DST, nameof(NDA_DST))
        .Add(NDA_LLADDR, nameof(NDA_LLADDR))
        .Add(NDA_VLAN, nameof(NDA_VLAN))
        .Add(NDA_PORT, nameof(NDA_PORT))
        .Add(NDA_VNI, nameof(NDA_VNI))
        .Add(NDA_IFINDEX, nameof(NDA_IFINDEX))
        .Add(NDA_MASTER, nameof(NDA_MASTER));

    private static readonly NetlinkAttributeSet _namespaceId = new NetlinkAttributeSet(RtGenMsgLength)
        .Add(NETNSA_NSID, nameof(NETNSA_NSID))
        .Add(NETNSA_PID, nameof(NETNSA_PID))
        .Add(NETNSA_FD, nameof(NETNSA_FD));

    internal static NetlinkAttributeSet? Of(ushort messageType) => messageType switch
    {
        RTM_NEWLINK or RTM_DELLINK or RTM_GETLINK or RTM_SETLINK => _link,
        RTM_NEWADDR or RTM_DELADDR or RTM_GETADDR => _address,
        RTM_NEWROUTE or RTM_DELROUTE or RTM_GETROUTE => _route,
        RTM_NEWNEIGH or RTM_DELNEIGH or RTM_GETNEIGH => _neighbour,
        RTM_NEWRULE or RTM_DELRULE or RTM_GETRULE => _rule,
        RTM_NEWNSID or RTM_DELNSID or RTM_GETNSID => _namespaceId,
        _ => null,
    };

    private static NetlinkAttributeSet? DataOf(string kind) => kind switch
    {
        "vxlan" => _vxlan,
        "bridge" => _bridge,
        "veth" => _veth,
        "macvlan" => _macvlan,
        _ => null,
    };

    private static NetlinkAttributeSet AddLink(NetlinkAttributeSet set) => set
        .Add(IFLA_ADDRESS, nameof(IFLA_ADDRESS))
        .Add(IFLA_IFNAME, nameof(IFLA_IFNAME))
        .Add(IFLA_MTU, nameof(IFLA_MTU))
        .Add(IFLA_LINK, nameof(IFLA_LINK))
        .Add(IFLA_MASTER, nameof(IFLA_MASTER))
        .Add(IFLA_TXQLEN, nameof(IFLA_TXQLEN))
        .Add(IFLA_OPERSTATE, nameof(IFLA_OPERSTATE))
        .Add(IFLA_IFALIAS, nameof(IFLA_IFALIAS))
        .Add(IFLA_GROUP, nameof(IFLA_GROUP))
        .Add(IFLA_NET_NS_FD, nameof(IFLA_NET_NS_FD))
        .Add(IFLA_NUM_TX_QUEUES, nameof(IFLA_NUM_TX_QUEUES))
        .Add(IFLA_NUM_RX_QUEUES, nameof(IFLA_NUM_RX_QUEUES))
        .Add(IFLA_LINK_NETNSID, nameof(IFLA_LINK_NETNSID));
}
