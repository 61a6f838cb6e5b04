namespace SwarmNet.Netlink.NfTables;

/// <summary>What a rule does to a set (NFT_DYNSET_OP_*).</summary>
public enum NfDynamicSetOperation : uint
{
    /// <summary>Adds the element if it is not there.</summary>
    Add = 0,

    /// <summary>Adds the element, or starts its time anew.</summary>
    Update = 1,

    /// <summary>Deletes the element.</summary>
    Delete = 2,
}
