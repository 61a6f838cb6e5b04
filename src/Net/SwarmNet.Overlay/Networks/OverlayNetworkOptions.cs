using System.Net;
using SwarmNet.Linux;

namespace SwarmNet.Overlay.Networks;

/// <summary>What an <see cref="OverlayNetwork"/> is.</summary>
public sealed record OverlayNetworkOptions
{
    /// <summary>Identity, for messages.</summary>
    public required string Id { get; init; }

    /// <summary>VXLAN network identifier, 1 to 16,777,215; unique per host and UDP port.</summary>
    public required uint Vni { get; init; }

    /// <summary>Addresses of the network.</summary>
    public required IPv4Prefix Subnet { get; init; }

    /// <summary>Address of the bridge on every host; inside <see cref="Subnet"/>.</summary>
    public required IPAddress Gateway { get; init; }

    /// <summary>MTU of the endpoints in bytes: the underlay's less 50 for VXLAN over IPv4.</summary>
    public int Mtu { get; init; } = 1450;

    /// <summary>This host's tunnel end: source address of the tunnel packets.</summary>
    public required IPAddress LocalVtep { get; init; }

    /// <summary>UDP port of the tunnel packets, the same on all hosts.</summary>
    public ushort Port { get; init; } = 4789;

    /// <summary>Where the network's own namespace is pinned; the folder must exist.</summary>
    public required string NamespacePath { get; init; }

    /// <summary>The host's namespace, which sends the tunnel packets; null = the one of this process.</summary>
    public NetworkNamespace? HostNamespace { get; init; }
}
