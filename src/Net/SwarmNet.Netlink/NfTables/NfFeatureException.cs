namespace SwarmNet.Netlink.NfTables;

/// <summary>The kernel lacks a feature of nf_tables.</summary>
public sealed class NfFeatureException : NotSupportedException
{
    internal NfFeatureException(NfFeature feature, NetlinkException answer)
        : base($"This kernel's nf_tables has no {Name(feature)}; it answered: {answer.Message}", answer) => Feature = feature;

    /// <summary>What is missing.</summary>
    public NfFeature Feature { get; }

    private static string Name(NfFeature feature) => feature switch
    {
        NfFeature.Tables => "tables (CONFIG_NF_TABLES)",
        NfFeature.IpNat => "IPv4 address translation (CONFIG_NFT_NAT)",
        NfFeature.Ip6Nat => "IPv6 address translation (CONFIG_NFT_NAT)",
        NfFeature.InetNat => "address translation in inet tables (CONFIG_NFT_NAT, Linux 5.2 or later)",
        NfFeature.NetDevIngress => "netdev ingress chains (CONFIG_NF_TABLES_NETDEV)",
        NfFeature.NetDevEgress => "netdev egress chains (CONFIG_NETFILTER_EGRESS, Linux 5.16 or later)",
        NfFeature.CtTimeout => "conntrack timeout objects (CONFIG_NF_CONNTRACK_TIMEOUT, Linux 4.19 or later)",
        NfFeature.ConcatRanges => "ranges over concatenations (Linux 5.6 or later)",
        NfFeature.CatchAll => "catch-all elements (Linux 5.13 or later)",
        _ => $"support for {feature}",
    };
}
