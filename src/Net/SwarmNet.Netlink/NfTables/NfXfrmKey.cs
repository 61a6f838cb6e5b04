namespace SwarmNet.Netlink.NfTables;

/// <summary>Properties of an IPsec transformation (NFT_XFRM_KEY_*).</summary>
public enum NfXfrmKey : uint
{
    /// <summary>IPv4 destination.</summary>
    DestinationIpv4 = 1,

    /// <summary>IPv6 destination.</summary>
    DestinationIpv6 = 2,

    /// <summary>IPv4 source.</summary>
    SourceIpv4 = 3,

    /// <summary>IPv6 source.</summary>
    SourceIpv6 = 4,

    /// <summary>Number that ties states to policies, 4 bytes in host order.</summary>
    RequestId = 5,

    /// <summary>Security parameter index, 4 bytes big endian.</summary>
    Spi = 6,
}
