using Microsoft.Extensions.Logging;
using SwarmNet.Protocol;

namespace SwarmNet.Manager;

/// <summary>How a <see cref="SwarmManager"/> is made. What concerns the cluster counts when the swarm is made, and never again.</summary>
public sealed class SwarmManagerOptions
{
    /// <summary>This node's folder: <c>raft/</c>, <c>certificates/</c> and <c>manager.json</c> are kept in it. Made when missing.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Address at which other nodes reach this manager, <c>ip:port</c>.</summary>
    public required string AdvertiseAddr { get; init; }

    /// <summary>Id of this node; null = a new one.</summary>
    public string? NodeId { get; init; }

    /// <summary>Availability of this node.</summary>
    public NodeAvailability Availability { get; init; } = NodeAvailability.Active;

    /// <summary>Specification of the new cluster; what is unset gets Docker's default.</summary>
    public ClusterSpec? ClusterSpec { get; init; }

    /// <summary>Pools (CIDR) from which networks get their subnets; empty = 10.0.0.0/8.</summary>
    public IReadOnlyList<string> DefaultAddressPool { get; init; } = [];

    /// <summary>Prefix length of these subnets, at most 29; 0 = 24.</summary>
    public uint SubnetSize { get; init; }

    /// <summary>UDP port of VXLAN, 1024 to 49151; 0 = 4789.</summary>
    public uint DataPathPort { get; init; }

    /// <summary>Whether managers start locked. Not supported by this version: refused.</summary>
    public bool AutoLock { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where it logs; null = nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
