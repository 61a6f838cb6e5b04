namespace SwarmNet.Netlink.NfTables;

/// <summary>Where a base chain sees packets (<c>linux/netfilter.h</c> NF_INET_*; other families number them differently, which the encoder knows).</summary>
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

    /// <summary>Everything that a device receives, before anything else; names its devices (netdev and inet tables).</summary>
    Ingress = 5,

    /// <summary>Everything that a device is about to send; names its devices (netdev tables, kernel 5.16 and later).</summary>
    Egress = 6,
}
