namespace SwarmNet.Netlink.NfTables;

/// <summary>What a table consists of.</summary>
public enum NfObjectKind
{
    /// <summary>The table itself.</summary>
    Table,

    /// <summary>A chain: its hook, policy and comment.</summary>
    Chain,

    /// <summary>The rules of a chain.</summary>
    Rules,

    /// <summary>A set or map: its types and flags.</summary>
    Set,

    /// <summary>An element of a set or map.</summary>
    Element,

    /// <summary>A named object.</summary>
    Object,
}
