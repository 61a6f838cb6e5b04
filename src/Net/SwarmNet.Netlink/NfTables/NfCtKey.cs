namespace SwarmNet.Netlink.NfTables;

/// <summary>Properties of the packet's flow (NFT_CT_*).</summary>
public enum NfCtKey : uint
{
    /// <summary>State bits in host order: invalid 1, established 2, related 4, new 8, untracked 0x40.</summary>
    State = 0,

    /// <summary>Direction, 1 byte: original 0, reply 1.</summary>
    Direction = 1,

    /// <summary>Status bits in host order: source translated 0x10, destination translated 0x20.</summary>
    Status = 2,

    /// <summary>The flow's mark.</summary>
    Mark = 3,

    /// <summary>Milliseconds until the flow is forgotten, 4 bytes in host order.</summary>
    Expiration = 5,

    /// <summary>Family of its addresses, 1 byte; needs a direction.</summary>
    L3Protocol = 7,

    /// <summary>Transport protocol, 1 byte; needs a direction.</summary>
    Protocol = 10,

    /// <summary>Source port, big endian; needs a direction.</summary>
    SourcePort = 11,

    /// <summary>Destination port, big endian; needs a direction.</summary>
    DestinationPort = 12,

    /// <summary>Packets, 8 bytes in host order; of both directions or one.</summary>
    Packets = 14,

    /// <summary>Bytes, 8 bytes in host order; of both directions or one.</summary>
    Bytes = 15,

    /// <summary>Zone, 2 bytes in host order.</summary>
    Zone = 17,

    /// <summary>IPv4 source address; needs a direction.</summary>
    SourceIpv4 = 19,

    /// <summary>IPv4 destination address; needs a direction.</summary>
    DestinationIpv4 = 20,

    /// <summary>IPv6 source address; needs a direction.</summary>
    SourceIpv6 = 21,

    /// <summary>IPv6 destination address; needs a direction.</summary>
    DestinationIpv6 = 22,
}
