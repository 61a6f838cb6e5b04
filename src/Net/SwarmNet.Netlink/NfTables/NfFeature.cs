namespace SwarmNet.Netlink.NfTables;

/// <summary>What a kernel may or may not have; see <see cref="NfTablesProbe"/>.</summary>
public enum NfFeature
{
    /// <summary>nf_tables itself, with tables, chains, rules and sets.</summary>
    Tables,

    /// <summary>Translation of addresses in IPv4 tables, masquerading included.</summary>
    IpNat,

    /// <summary>Translation of addresses in IPv6 tables.</summary>
    Ip6Nat,

    /// <summary>Translation of addresses in inet tables (Linux 5.2).</summary>
    InetNat,

    /// <summary>Translation to an address and port that a map holds for a concatenation.</summary>
    NatMap,

    /// <summary>Chains at what a device receives (Linux 4.2).</summary>
    NetDevIngress,

    /// <summary>Chains at what a device sends (Linux 5.16).</summary>
    NetDevEgress,

    /// <summary>Timeouts of flows by rule (Linux 4.19).</summary>
    CtTimeout,

    /// <summary>Ranges over concatenations (Linux 5.6).</summary>
    ConcatRanges,

    /// <summary>Counting and random numbers.</summary>
    NumberGenerator,

    /// <summary>Jenkins' hash of registers.</summary>
    JenkinsHash,

    /// <summary>Route look-ups (nft: fib).</summary>
    Fib,

    /// <summary>State, mark and zone of flows.</summary>
    Conntrack,

    /// <summary>Refusals with an answer.</summary>
    Reject,

    /// <summary>Rates.</summary>
    Limit,

    /// <summary>Numbers of flows (Linux 4.18).</summary>
    ConnectionLimit,

    /// <summary>Log messages.</summary>
    Log,

    /// <summary>Sets that rules fill, with timeouts.</summary>
    DynamicSets,

    /// <summary>Maps of named objects (Linux 4.10).</summary>
    ObjectMaps,

    /// <summary>An element for all other keys (Linux 5.13).</summary>
    CatchAll,

    /// <summary>Writing into the packet.</summary>
    PayloadWrite,

    /// <summary>Transparent proxies (Linux 4.19).</summary>
    TransparentProxy,

    /// <summary>Lowering TCP's maximum segment size to the path's (Linux 4.14).</summary>
    SegmentClamp,

    /// <summary>Properties of IPsec transformations (Linux 4.20).</summary>
    Ipsec,
}
