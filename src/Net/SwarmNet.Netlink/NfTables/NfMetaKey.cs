namespace SwarmNet.Netlink.NfTables;

/// <summary>Properties of a packet outside its headers (NFT_META_*).</summary>
public enum NfMetaKey : uint
{
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

    /// <summary>Family (2 = IPv4, 10 = IPv6), 1 byte.</summary>
    NfProtocol = 15,

    /// <summary>Transport protocol, 1 byte.</summary>
    L4Protocol = 16,
}
