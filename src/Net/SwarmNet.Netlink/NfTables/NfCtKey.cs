namespace SwarmNet.Netlink.NfTables;

/// <summary>Properties of the packet's flow (NFT_CT_*).</summary>
public enum NfCtKey : uint
{
    /// <summary>State bits in host order: invalid 1, established 2, related 4, new 8.</summary>
    State = 0,

    /// <summary>Direction, 1 byte: original 0, reply 1.</summary>
    Direction = 1,

    /// <summary>Status bits in host order: source translated 0x10, destination translated 0x20.</summary>
    Status = 2,

    /// <summary>The flow's mark.</summary>
    Mark = 3,
}
