namespace SwarmNet.Netlink.NfTables;

/// <summary>Direction of a flow (IP_CT_DIR_*).</summary>
public enum NfCtDirection : byte
{
    /// <summary>That of its first packet.</summary>
    Original = 0,

    /// <summary>That of the answers.</summary>
    Reply = 1,
}
