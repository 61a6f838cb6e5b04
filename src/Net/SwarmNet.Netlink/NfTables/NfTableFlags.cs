namespace SwarmNet.Netlink.NfTables;

/// <summary>Properties of a table (NFT_TABLE_F_*).</summary>
[Flags]
public enum NfTableFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Its chains see no packets.</summary>
    Dormant = 1,

    /// <summary>Only the socket that made it can change it, and the table goes when that socket is closed.</summary>
    Owner = 2,
}
