namespace SwarmNet.Netlink.Route;

/// <summary>What an <see cref="RtnetlinkMonitor"/> listens to (<c>linux/rtnetlink.h</c> RTNLGRP_*).</summary>
[Flags]
public enum RtnetlinkGroups
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Links.</summary>
    Link = 1,

    /// <summary>Addresses, IPv4 and IPv6.</summary>
    Address = 2,

    /// <summary>Routes, IPv4 and IPv6.</summary>
    Route = 4,

    /// <summary>Rules, IPv4 and IPv6.</summary>
    Rule = 8,

    /// <summary>Neighbours, and forwarding entries of bridges and vxlan devices.</summary>
    Neighbour = 16,

    /// <summary>All of them.</summary>
    All = Link | Address | Route | Rule | Neighbour,
}
