namespace SwarmNet.Netlink.NfTables;

/// <summary>Properties of a packet's route (NFT_RT_*).</summary>
public enum NfRouteKey : uint
{
    /// <summary>Realm of the route.</summary>
    ClassId = 0,

    /// <summary>IPv4 address of the next hop.</summary>
    NextHop4 = 1,

    /// <summary>IPv6 address of the next hop.</summary>
    NextHop6 = 2,

    /// <summary>Largest TCP segment that fits the path, 2 bytes in host order.</summary>
    TcpSegmentSize = 3,

    /// <summary>Whether the route goes through IPsec, 1 byte.</summary>
    Ipsec = 4,
}
