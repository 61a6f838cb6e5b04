namespace SwarmNet.Netlink.NfTables;

/// <summary>What a base chain may do.</summary>
public enum NfChainType
{
    /// <summary>Accept and drop, in any hook.</summary>
    Filter,

    /// <summary>Translate addresses; sees the first packet of each flow only.</summary>
    Nat,

    /// <summary>In the output hook: a changed mark or address makes the packet be routed again.</summary>
    Route,
}
