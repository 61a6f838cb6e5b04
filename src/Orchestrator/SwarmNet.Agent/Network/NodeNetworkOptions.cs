using System.Net;
using SwarmNet.Overlay.Balancing;

namespace SwarmNet.Agent.Network;

/// <summary>What a <see cref="NodeNetwork"/> works with.</summary>
public sealed record NodeNetworkOptions
{
    /// <summary>Folder of the bind mounts that keep the namespaces; created if missing.</summary>
    public required string NamespaceDirectory { get; init; }

    /// <summary>Folder for what a restarted daemon must know of them; empty after a restart of the host, as the namespaces are. Created if missing.</summary>
    public required string MemoryDirectory { get; init; }

    /// <summary>This node's end of the VXLAN tunnels: an address of this host.</summary>
    public required IPAddress TunnelAddress { get; init; }

    /// <summary>The host's resolver configuration, of which tasks get search list, options and upstream servers. Default <c>/etc/resolv.conf</c>.</summary>
    public string ResolvConfPath { get; init; } = "/etc/resolv.conf";

    /// <summary>Name of the bridge for traffic that leaves the overlays. Default <c>swarm_gwbridge</c>.</summary>
    public string GatewayBridge { get; init; } = "swarm_gwbridge";

    /// <summary>Time between two comparisons of the kernel with what it should have. Default 30 s.</summary>
    public TimeSpan ReconcilePeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest random deviation from <see cref="ReconcilePeriod"/>, as a part of it, so that nodes do not work in step. Default 0.1.</summary>
    public double ReconcileJitter { get; init; } = 0.1;

    /// <summary>MTU of the network between the nodes, bytes. Null (default) = that of the link that has <see cref="TunnelAddress"/>.</summary>
    public int? UnderlayMtu { get; init; }

    /// <summary>By which means virtual addresses are balanced; null = nf_tables, or IPVS where nf_tables lacks something.</summary>
    public BalancerKind? Balancer { get; init; }
}
