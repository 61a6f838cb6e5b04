namespace SwarmNet.Netlink.NfTables;

/// <summary>The usual places in the order of a hook (<c>linux/netfilter_ipv4.h</c> NF_IP_PRI_*).</summary>
public static class NfPriority
{
    /// <summary>Before connection tracking.</summary>
    public const int Raw = -300;

    /// <summary>Connection tracking itself.</summary>
    public const int ConnectionTracking = -200;

    /// <summary>Where marks are set.</summary>
    public const int Mangle = -150;

    /// <summary>Translation of destinations.</summary>
    public const int DestinationNat = -100;

    /// <summary>Filters.</summary>
    public const int Filter = 0;

    /// <summary>Translation of sources.</summary>
    public const int SourceNat = 100;
}
