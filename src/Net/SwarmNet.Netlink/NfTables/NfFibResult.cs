namespace SwarmNet.Netlink.NfTables;

/// <summary>What a route look-up yields (NFT_FIB_RESULT_*).</summary>
public enum NfFibResult : uint
{
    /// <summary>Index of the outgoing interface.</summary>
    OutInterface = 1,

    /// <summary>Name of the outgoing interface.</summary>
    OutInterfaceName = 2,

    /// <summary>Type of the address in host order: unicast 1, local 2, broadcast 3.</summary>
    AddressType = 3,
}
