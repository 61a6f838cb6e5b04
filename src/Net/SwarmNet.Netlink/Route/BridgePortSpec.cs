namespace SwarmNet.Netlink.Route;

/// <summary>Settings of a bridge port (<c>linux/if_link.h</c> IFLA_BRPORT_*). What is null stays as it is.</summary>
public readonly record struct BridgePortSpec
{
    /// <summary>Send frames back out of the port they came in by.</summary>
    public bool? Hairpin { get; init; }

    /// <summary>Learn source addresses.</summary>
    public bool? Learning { get; init; }

    /// <summary>Flood frames to unknown addresses out of this port.</summary>
    public bool? UnicastFlood { get; init; }

    /// <summary>Flood multicast out of this port.</summary>
    public bool? MulticastFlood { get; init; }

    /// <summary>Flood broadcast out of this port.</summary>
    public bool? BroadcastFlood { get; init; }

    /// <summary>Answer ARP for known neighbours of this port.</summary>
    public bool? ProxyArp { get; init; }

    /// <summary>Suppress ARP and neighbour discovery out of this port where the bridge can answer.</summary>
    public bool? NeighbourSuppress { get; init; }

    /// <summary>No traffic between isolated ports.</summary>
    public bool? Isolated { get; init; }
}
