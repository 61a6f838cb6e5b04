namespace SwarmNet.Netlink.NfTables;

/// <summary>Address family of a table (<c>linux/netfilter.h</c> NFPROTO_*).</summary>
public enum NfFamily : byte
{
    /// <summary>IPv4 and IPv6.</summary>
    Inet = 1,

    /// <summary>IPv4.</summary>
    Ip = 2,

    /// <summary>ARP.</summary>
    Arp = 3,

    /// <summary>Hooks of a network device.</summary>
    NetDev = 5,

    /// <summary>Bridged frames.</summary>
    Bridge = 7,

    /// <summary>IPv6.</summary>
    Ip6 = 10,
}
