namespace SwarmNet.Netlink.NfTables;

/// <summary>What a rejected packet is answered with (NFT_REJECT_*).</summary>
public enum NfRejectType : uint
{
    /// <summary>ICMP or ICMPv6 "unreachable", with the code of the table's own protocol.</summary>
    Icmp = 0,

    /// <summary>A TCP reset.</summary>
    TcpReset = 1,

    /// <summary>"Unreachable" of either protocol, with an abstract code (inet and bridge tables).</summary>
    IcmpAny = 2,
}
