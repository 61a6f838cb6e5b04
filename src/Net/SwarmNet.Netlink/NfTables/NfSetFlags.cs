namespace SwarmNet.Netlink.NfTables;

/// <summary>Properties of a set (<c>linux/netfilter/nf_tables.h</c> NFT_SET_*).</summary>
[Flags]
public enum NfSetFlags : uint
{
    /// <summary>A set of keys with an exact match.</summary>
    None = 0,

    /// <summary>Belongs to the rule that names it and goes with it.</summary>
    Anonymous = 1,

    /// <summary>Does not change after the transaction that makes it.</summary>
    Constant = 2,

    /// <summary>Elements are ranges.</summary>
    Interval = 4,

    /// <summary>Maps keys to data or verdicts.</summary>
    Map = 8,

    /// <summary>Elements may time out.</summary>
    Timeout = 0x10,

    /// <summary>Rules may add elements.</summary>
    Eval = 0x20,

    /// <summary>Maps keys to named objects.</summary>
    Object = 0x40,

    /// <summary>The key is a concatenation; needed together with <see cref="Interval"/>.</summary>
    Concat = 0x80,

    /// <summary>Elements carry several expressions.</summary>
    Expression = 0x100,
}
