using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SwarmNet.Ca;
using SwarmNet.Protocol;

namespace SwarmNet.Manager;

/// <summary>How a <see cref="SwarmManager"/> is made. What concerns the cluster counts when the swarm is made, and never again.</summary>
public sealed class SwarmManagerOptions
{
    /// <summary>This node's folder: <c>raft/</c>, <c>certificates/</c>, <c>keys</c> and <c>manager.json</c> are kept in it. Made when missing.</summary>
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

    /// <summary>Whether managers of the new swarm start locked.</summary>
    public bool AutoLock { get; init; }

    /// <summary>Opens a manager that is locked; null = it is not. Of no use otherwise.</summary>
    public UnlockKey? UnlockKey { get; init; }

    /// <summary>
    /// Opens a manager whose swarm has lost its majority for good: it becomes the only manager, with all that it has; the others become workers.
    /// </summary>
    public bool ForceNewCluster { get; init; }

    /// <summary>This node's certificate, of a node that is in the swarm already; null = read from the folder.</summary>
    public NodeSecurity? Security { get; init; }

    /// <summary>Answers requests to the Engine API that another manager passes on to this one while it leads.</summary>
    public Func<RequestDelegate?> Api { get; init; } = () => null;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where it logs; null = nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
