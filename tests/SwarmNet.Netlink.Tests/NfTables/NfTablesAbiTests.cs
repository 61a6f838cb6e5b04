using SwarmNet.Linux;

namespace SwarmNet.Netlink.NfTables;

/// <summary>Numbers of nf_tables against the kernel headers of this machine.</summary>
[TestFixture]
[Category("Kernel")]
public sealed class NfTablesAbiTests
{
    [Test]
    public void Numbers_agree_with_the_headers()
    {
        var abi = new CHeaderAssertions(
            "sys/socket.h", "linux/netfilter.h", "linux/netfilter/nfnetlink.h", "linux/netfilter/nf_tables.h", "linux/netfilter/nf_nat.h",
            "linux/netfilter/nfnetlink_cttimeout.h", "linux/netfilter/nfnetlink_conntrack.h", "linux/in.h", "linux/in6.h", "linux/netfilter_arp.h");
        abi.Constants(typeof(NfConstants), static name => name.Contains('_', StringComparison.Ordinal));
        abi.Constants(typeof(Conntrack.ConntrackConstants), static name => name.Contains('_', StringComparison.Ordinal));
        abi.Equal("sizeof(struct nfgenmsg)", NfConstants.NfGenMsgLength);
        foreach ((string name, long value) in Numbers())
        {
            abi.Equal(name, value);
        }

        Assert.That(abi.Count, Is.GreaterThan(250), "reflection must have found the numbers");
        abi.Verify();
    }

    private static IEnumerable<(string Name, long Value)> Numbers() =>
    [
        .. Of<NfFamily>("NFPROTO_", ("Inet", "INET"), ("Ip", "IPV4"), ("Arp", "ARP"), ("NetDev", "NETDEV"), ("Bridge", "BRIDGE"), ("Ip6", "IPV6")),
        .. Of<NfHook>("NF_INET_", ("Prerouting", "PRE_ROUTING"), ("Input", "LOCAL_IN"), ("Forward", "FORWARD"), ("Output", "LOCAL_OUT"), ("Postrouting", "POST_ROUTING"), ("Ingress", "INGRESS")),
        ("NF_NETDEV_INGRESS", NfHooks.Number(NfFamily.NetDev, NfHook.Ingress)), ("NF_NETDEV_EGRESS", NfHooks.Number(NfFamily.NetDev, NfHook.Egress)),
        ("NF_ARP_IN", NfHooks.Number(NfFamily.Arp, NfHook.Input)), ("NF_ARP_OUT", NfHooks.Number(NfFamily.Arp, NfHook.Output)),
        .. Of<NfCompare>("NFT_CMP_", ("Equal", "EQ"), ("NotEqual", "NEQ"), ("Less", "LT"), ("LessOrEqual", "LTE"), ("Greater", "GT"), ("GreaterOrEqual", "GTE")),
        .. Of<NfCtKey>(
            "NFT_CT_", ("State", "STATE"), ("Direction", "DIRECTION"), ("Status", "STATUS"), ("Mark", "MARK"), ("Expiration", "EXPIRATION"), ("L3Protocol", "L3PROTOCOL"), ("Protocol", "PROTOCOL"),
            ("SourcePort", "PROTO_SRC"), ("DestinationPort", "PROTO_DST"), ("Packets", "PKTS"), ("Bytes", "BYTES"), ("Zone", "ZONE"), ("SourceIpv4", "SRC_IP"), ("DestinationIpv4", "DST_IP"),
            ("SourceIpv6", "SRC_IP6"), ("DestinationIpv6", "DST_IP6")),
        .. Of<NfMetaKey>(
            "NFT_META_", ("Length", "LEN"), ("Protocol", "PROTOCOL"), ("Priority", "PRIORITY"), ("Mark", "MARK"), ("InInterface", "IIF"), ("OutInterface", "OIF"), ("InInterfaceName", "IIFNAME"),
            ("OutInterfaceName", "OIFNAME"), ("InInterfaceType", "IIFTYPE"), ("OutInterfaceType", "OIFTYPE"), ("SocketUser", "SKUID"), ("Trace", "NFTRACE"), ("NfProtocol", "NFPROTO"),
            ("L4Protocol", "L4PROTO"), ("PacketType", "PKTTYPE"), ("InInterfaceGroup", "IIFGROUP"), ("OutInterfaceGroup", "OIFGROUP"), ("Random", "PRANDOM"), ("SecurityPath", "SECPATH")),
        .. Of<NfFibFlags>("NFTA_FIB_F_", ("SourceAddress", "SADDR"), ("DestinationAddress", "DADDR"), ("Mark", "MARK"), ("InInterface", "IIF"), ("OutInterface", "OIF"), ("Present", "PRESENT")),
        .. Of<NfFibResult>("NFT_FIB_RESULT_", ("OutInterface", "OIF"), ("OutInterfaceName", "OIFNAME"), ("AddressType", "ADDRTYPE")),
        .. Of<NfSetFlags>(
            "NFT_SET_", ("Anonymous", "ANONYMOUS"), ("Constant", "CONSTANT"), ("Interval", "INTERVAL"), ("Map", "MAP"), ("Timeout", "TIMEOUT"), ("Eval", "EVAL"), ("Object", "OBJECT"), ("Concat", "CONCAT"),
            ("Expression", "EXPR")),
        .. Of<NfTableFlags>("NFT_TABLE_F_", ("Dormant", "DORMANT"), ("Owner", "OWNER")),
        .. Of<NfObjectType>("NFT_OBJECT_", ("Counter", "COUNTER"), ("Quota", "QUOTA"), ("Limit", "LIMIT"), ("ConnectionLimit", "CONNLIMIT"), ("CtTimeout", "CT_TIMEOUT")),
        .. Of<NfPayloadBase>("NFT_PAYLOAD_", ("LinkLayer", "LL_HEADER"), ("Network", "NETWORK_HEADER"), ("Transport", "TRANSPORT_HEADER"), ("Inner", "INNER_HEADER")),
        .. Of<NfChecksumType>("NFT_PAYLOAD_CSUM_", ("None", "NONE"), ("Internet", "INET"), ("Sctp", "SCTP")),
        .. Of<NfDynamicSetOperation>("NFT_DYNSET_OP_", ("Add", "ADD"), ("Update", "UPDATE"), ("Delete", "DELETE")),
        .. Of<NfNatFlags>("NF_NAT_RANGE_", ("Random", "PROTO_RANDOM"), ("Persistent", "PERSISTENT"), ("FullyRandom", "PROTO_RANDOM_FULLY"), ("NetMap", "NETMAP")),
        .. Of<NfRejectType>("NFT_REJECT_", ("Icmp", "ICMP_UNREACH"), ("TcpReset", "TCP_RST"), ("IcmpAny", "ICMPX_UNREACH")),
        .. Of<NfRouteKey>("NFT_RT_", ("ClassId", "CLASSID"), ("NextHop4", "NEXTHOP4"), ("NextHop6", "NEXTHOP6"), ("TcpSegmentSize", "TCPMSS"), ("Ipsec", "XFRM")),
        .. Of<NfXfrmKey>("NFT_XFRM_KEY_", ("DestinationIpv4", "DADDR_IP4"), ("DestinationIpv6", "DADDR_IP6"), ("SourceIpv4", "SADDR_IP4"), ("SourceIpv6", "SADDR_IP6"), ("RequestId", "REQID"), ("Spi", "SPI")),
        .. Of<NfVerdict>("", ("Drop", "NF_DROP"), ("Accept", "NF_ACCEPT"), ("Continue", "NFT_CONTINUE"), ("Break", "NFT_BREAK"), ("Jump", "NFT_JUMP"), ("Goto", "NFT_GOTO"), ("Return", "NFT_RETURN")),
        .. Of<NfRegister>("NFT_REG", [("Verdict", "_VERDICT"), .. Enumerable.Range(1, 4).Select(i => ($"Reg{i}", $"_{i}")), .. Enumerable.Range(0, 16).Select(i => ($"R{i}", $"32_{i:00}"))]),
        ("CTA_TIMEOUT_TCP_SYN_SENT", NfCtTimeoutState.TcpSynSent), ("CTA_TIMEOUT_TCP_SYN_RECV", NfCtTimeoutState.TcpSynReceived),
        ("CTA_TIMEOUT_TCP_ESTABLISHED", NfCtTimeoutState.TcpEstablished), ("CTA_TIMEOUT_TCP_FIN_WAIT", NfCtTimeoutState.TcpFinWait),
        ("CTA_TIMEOUT_TCP_CLOSE_WAIT", NfCtTimeoutState.TcpCloseWait), ("CTA_TIMEOUT_TCP_LAST_ACK", NfCtTimeoutState.TcpLastAck),
        ("CTA_TIMEOUT_TCP_TIME_WAIT", NfCtTimeoutState.TcpTimeWait), ("CTA_TIMEOUT_TCP_CLOSE", NfCtTimeoutState.TcpClose),
        ("CTA_TIMEOUT_UDP_UNREPLIED", NfCtTimeoutState.UdpUnreplied), ("CTA_TIMEOUT_UDP_REPLIED", NfCtTimeoutState.UdpReplied),
        ("CTA_TIMEOUT_SCTP_ESTABLISHED", NfCtTimeoutState.SctpEstablished),
    ];

    private static IEnumerable<(string Name, long Value)> Of<T>(string prefix, params (string Ours, string Theirs)[] names)
        where T : struct, Enum => names.Select(pair => (prefix + pair.Theirs, Convert.ToInt64(Enum.Parse<T>(pair.Ours), System.Globalization.CultureInfo.InvariantCulture)));
}
