namespace SwarmNet.Netlink.NfTables;

/// <summary>How a translation chooses (<c>linux/netfilter/nf_nat.h</c> NF_NAT_RANGE_*).</summary>
[Flags]
public enum NfNatFlags : uint
{
    /// <summary>The port is kept where possible.</summary>
    None = 0,

    /// <summary>The port is chosen at random, from a start that hashes the flow.</summary>
    Random = 4,

    /// <summary>A client gets the same address of a range for each of its flows.</summary>
    Persistent = 8,

    /// <summary>The port is chosen fully at random.</summary>
    FullyRandom = 0x10,

    /// <summary>The registers hold the first and the last address of a prefix; the bits behind it are kept.</summary>
    NetMap = 0x40,
}
