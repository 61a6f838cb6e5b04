namespace SwarmNet.Netlink.Route;

/// <summary>Who talks to whom among the macvlan links of one underlying link (<c>linux/if_link.h</c> MACVLAN_MODE_*).</summary>
public enum MacvlanMode : uint
{
    /// <summary>They do not talk to each other.</summary>
    Private = 1,

    /// <summary>Through a switch outside that sends frames back.</summary>
    Vepa = 2,

    /// <summary>Directly.</summary>
    Bridge = 4,

    /// <summary>One link takes over the underlying one.</summary>
    Passthru = 8,

    /// <summary>Only from listed Ethernet addresses.</summary>
    Source = 16,
}
