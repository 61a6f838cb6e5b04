namespace SwarmNet.Netlink.NfTables;

/// <summary>What becomes of a packet (<c>linux/netfilter/nf_tables.h</c> NFT_* and NF_*).</summary>
public enum NfVerdict
{
    /// <summary>Ends the whole evaluation; the packet is gone.</summary>
    Drop = 0,

    /// <summary>Ends this base chain; chains of later priority still see the packet.</summary>
    Accept = 1,

    /// <summary>Goes on with the next rule.</summary>
    Continue = -1,

    /// <summary>Ends this rule; goes on with the next.</summary>
    Break = -2,

    /// <summary>Continues in another chain and comes back after it.</summary>
    Jump = -3,

    /// <summary>Continues in another chain and does not come back.</summary>
    Goto = -4,

    /// <summary>Goes back to the calling chain; in a base chain, to its policy.</summary>
    Return = -5,
}
