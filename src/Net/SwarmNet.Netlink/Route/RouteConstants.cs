namespace SwarmNet.Netlink.Route;

/// <summary>Numbers of linux/rtnetlink.h, if_link.h, if_addr.h, neighbour.h, fib_rules.h, if_bridge.h; a test compares them with the headers.</summary>
internal static class RouteConstants
{
    /// <summary>sizeof(struct rtgenmsg), padded.</summary>
    internal const int RtGenMsgLength = 4;

    internal const byte AF_UNSPEC = 0;
    internal const byte AF_INET = 2;
    internal const byte AF_BRIDGE = 7;
    internal const byte AF_INET6 = 10;

    internal const ushort RTM_NEWLINK = 16;
    internal const ushort RTM_DELLINK = 17;
    internal const ushort RTM_GETLINK = 18;
    internal const ushort RTM_SETLINK = 19;
    internal const ushort RTM_NEWADDR = 20;
    internal const ushort RTM_DELADDR = 21;
    internal const ushort RTM_GETADDR = 22;
    internal const ushort RTM_NEWROUTE = 24;
    internal const ushort RTM_DELROUTE = 25;
    internal const ushort RTM_GETROUTE = 26;
    internal const ushort RTM_NEWNEIGH = 28;
    internal const ushort RTM_DELNEIGH = 29;
    internal const ushort RTM_GETNEIGH = 30;
    internal const ushort RTM_NEWRULE = 32;
    internal const ushort RTM_DELRULE = 33;
    internal const ushort RTM_GETRULE = 34;

    internal const ushort RTM_NEWNSID = 88;
    internal const ushort RTM_DELNSID = 89;
    internal const ushort RTM_GETNSID = 90;

    internal const int RTNLGRP_LINK = 1;
    internal const int RTNLGRP_NEIGH = 3;
    internal const int RTNLGRP_IPV4_IFADDR = 5;
    internal const int RTNLGRP_IPV4_ROUTE = 7;
    internal const int RTNLGRP_IPV4_RULE = 8;
    internal const int RTNLGRP_IPV6_IFADDR = 9;
    internal const int RTNLGRP_IPV6_ROUTE = 11;
    internal const int RTNLGRP_IPV6_RULE = 19;

    internal const uint IFF_UP = 1;

    internal const ushort IFLA_ADDRESS = 1;
    internal const ushort IFLA_IFNAME = 3;
    internal const ushort IFLA_MTU = 4;
    internal const ushort IFLA_LINK = 5;
    internal const ushort IFLA_MASTER = 10;
    internal const ushort IFLA_PROTINFO = 12;
    internal const ushort IFLA_TXQLEN = 13;
    internal const ushort IFLA_OPERSTATE = 16;
    internal const ushort IFLA_LINKINFO = 18;
    internal const ushort IFLA_IFALIAS = 20;
    internal const ushort IFLA_GROUP = 27;
    internal const ushort IFLA_NET_NS_FD = 28;
    internal const ushort IFLA_NUM_TX_QUEUES = 31;
    internal const ushort IFLA_NUM_RX_QUEUES = 32;
    internal const ushort IFLA_LINK_NETNSID = 37;

    internal const ushort IFLA_INFO_KIND = 1;
    internal const ushort IFLA_INFO_DATA = 2;
    internal const ushort IFLA_INFO_SLAVE_KIND = 4;
    internal const ushort IFLA_INFO_SLAVE_DATA = 5;

    internal const ushort VETH_INFO_PEER = 1;

    internal const ushort IFLA_MACVLAN_MODE = 1;

    internal const ushort NETNSA_NSID = 1;
    internal const ushort NETNSA_PID = 2;
    internal const ushort NETNSA_FD = 3;
    internal const int NETNSA_NSID_NOT_ASSIGNED = -1;

    internal const ushort IFLA_BR_AGEING_TIME = 4;
    internal const ushort IFLA_BR_STP_STATE = 5;
    internal const ushort IFLA_BR_VLAN_FILTERING = 7;
    internal const ushort IFLA_BR_GROUP_FWD_MASK = 9;
    internal const ushort IFLA_BR_MCAST_SNOOPING = 23;
    internal const ushort IFLA_BR_NF_CALL_IPTABLES = 36;
    internal const ushort IFLA_BR_NF_CALL_IP6TABLES = 37;
    internal const ushort IFLA_BR_VLAN_DEFAULT_PVID = 39;

    internal const ushort IFLA_BRPORT_STATE = 1;
    internal const ushort IFLA_BRPORT_MODE = 4;
    internal const ushort IFLA_BRPORT_LEARNING = 8;
    internal const ushort IFLA_BRPORT_UNICAST_FLOOD = 9;
    internal const ushort IFLA_BRPORT_PROXYARP = 10;
    internal const ushort IFLA_BRPORT_MCAST_FLOOD = 27;
    internal const ushort IFLA_BRPORT_BCAST_FLOOD = 30;
    internal const ushort IFLA_BRPORT_NEIGH_SUPPRESS = 32;
    internal const ushort IFLA_BRPORT_ISOLATED = 33;

    internal const ushort IFLA_VXLAN_ID = 1;
    internal const ushort IFLA_VXLAN_GROUP = 2;
    internal const ushort IFLA_VXLAN_LINK = 3;
    internal const ushort IFLA_VXLAN_LOCAL = 4;
    internal const ushort IFLA_VXLAN_TTL = 5;
    internal const ushort IFLA_VXLAN_TOS = 6;
    internal const ushort IFLA_VXLAN_LEARNING = 7;
    internal const ushort IFLA_VXLAN_AGEING = 8;
    internal const ushort IFLA_VXLAN_LIMIT = 9;
    internal const ushort IFLA_VXLAN_PORT_RANGE = 10;
    internal const ushort IFLA_VXLAN_PROXY = 11;
    internal const ushort IFLA_VXLAN_RSC = 12;
    internal const ushort IFLA_VXLAN_L2MISS = 13;
    internal const ushort IFLA_VXLAN_L3MISS = 14;
    internal const ushort IFLA_VXLAN_PORT = 15;
    internal const ushort IFLA_VXLAN_GROUP6 = 16;
    internal const ushort IFLA_VXLAN_LOCAL6 = 17;
    internal const ushort IFLA_VXLAN_UDP_CSUM = 18;
    internal const ushort IFLA_VXLAN_UDP_ZERO_CSUM6_TX = 19;
    internal const ushort IFLA_VXLAN_UDP_ZERO_CSUM6_RX = 20;
    internal const ushort IFLA_VXLAN_GBP = 23;
    internal const ushort IFLA_VXLAN_COLLECT_METADATA = 25;
    internal const ushort IFLA_VXLAN_TTL_INHERIT = 28;
    internal const ushort IFLA_VXLAN_DF = 29;

    internal const ushort IFA_ADDRESS = 1;
    internal const ushort IFA_LOCAL = 2;
    internal const ushort IFA_LABEL = 3;
    internal const ushort IFA_BROADCAST = 4;
    internal const ushort IFA_FLAGS = 8;

    internal const ushort RTA_DST = 1;
    internal const ushort RTA_SRC = 2;
    internal const ushort RTA_OIF = 4;
    internal const ushort RTA_GATEWAY = 5;
    internal const ushort RTA_PRIORITY = 6;
    internal const ushort RTA_PREFSRC = 7;
    internal const ushort RTA_TABLE = 15;

    internal const byte RT_SCOPE_UNIVERSE = 0;
    internal const byte RT_SCOPE_LINK = 253;
    internal const byte RT_SCOPE_NOWHERE = 255;
    internal const byte RT_TABLE_UNSPEC = 0;
    internal const byte RTN_UNICAST = 1;
    internal const uint RTNH_F_ONLINK = 4;
    internal const uint RTM_F_CLONED = 0x200;
    internal const uint RTM_F_FIB_MATCH = 0x2000;

    internal const ushort FRA_DST = 1;
    internal const ushort FRA_SRC = 2;
    internal const ushort FRA_IIFNAME = 3;
    internal const ushort FRA_PRIORITY = 6;
    internal const ushort FRA_FWMARK = 10;
    internal const ushort FRA_TABLE = 15;
    internal const ushort FRA_FWMASK = 16;
    internal const ushort FRA_OIFNAME = 17;
    internal const byte FR_ACT_TO_TBL = 1;

    internal const ushort NDA_DST = 1;
    internal const ushort NDA_LLADDR = 2;
    internal const ushort NDA_VLAN = 5;
    internal const ushort NDA_PORT = 6;
    internal const ushort NDA_VNI = 7;
    internal const ushort NDA_IFINDEX = 8;
    internal const ushort NDA_MASTER = 9;
}
