namespace SwarmNet.Netlink.NfTables;

/// <summary>Properties of a packet outside its headers (NFT_META_*).</summary>
public enum NfMetaKey : uint
{
    /// <summary>Length of the packet, 4 bytes in host order.</summary>
    Length = 0,

    /// <summary>EtherType, 2 bytes big endian: 0x0800 IPv4, 0x86dd IPv6.</summary>
    Protocol = 1,

    /// <summary>Priority for queueing, 4 bytes in host order.</summary>
    Priority = 2,

    /// <summary>The packet's mark, 4 bytes in host order.</summary>
    Mark = 3,

    /// <summary>Index of the interface it came in by.</summary>
    InInterface = 4,

    /// <summary>Index of the interface it leaves by.</summary>
    OutInterface = 5,

    /// <summary>Name of the interface it came in by, 16 bytes padded with NUL.</summary>
    InInterfaceName = 6,

    /// <summary>Name of the interface it leaves by, 16 bytes padded with NUL.</summary>
    OutInterfaceName = 7,

    /// <summary>Link type of the incoming interface, 2 bytes in host order: 1 Ethernet.</summary>
    InInterfaceType = 8,

    /// <summary>Link type of the outgoing interface, 2 bytes in host order.</summary>
    OutInterfaceType = 9,

    /// <summary>User of the socket that sent it, 4 bytes in host order.</summary>
    SocketUser = 10,

    /// <summary>Setting it to 1 traces the packet (nft monitor trace).</summary>
    Trace = 12,

    /// <summary>Family (2 = IPv4, 10 = IPv6), 1 byte.</summary>
    NfProtocol = 15,

    /// <summary>Transport protocol, 1 byte.</summary>
    L4Protocol = 16,

    /// <summary>For this host 0, broadcast 1, multicast 2, another's 3; 1 byte.</summary>
    PacketType = 19,

    /// <summary>Group of the incoming interface, 4 bytes in host order.</summary>
    InInterfaceGroup = 21,

    /// <summary>Group of the outgoing interface, 4 bytes in host order.</summary>
    OutInterfaceGroup = 22,

    /// <summary>A random number, 4 bytes.</summary>
    Random = 24,

    /// <summary>Whether it came through IPsec, 1 byte.</summary>
    SecurityPath = 25,
}
