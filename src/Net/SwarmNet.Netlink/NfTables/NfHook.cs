namespace SwarmNet.Netlink.NfTables;

/// <summary>Where a base chain sees packets (<c>linux/netfilter.h</c> NF_INET_*; for IPv4, IPv6 and inet tables).</summary>
public enum NfHook : uint
{
    /// <summary>Everything that arrives, before routing.</summary>
    Prerouting = 0,

    /// <summary>What is for this namespace.</summary>
    Input = 1,

    /// <summary>What is routed through.</summary>
    Forward = 2,

    /// <summary>What local processes send.</summary>
    Output = 3,

    /// <summary>Everything that leaves, after routing.</summary>
    Postrouting = 4,
}
