using SwarmNet.Linux;

namespace SwarmNet.Overlay.Gateway;

/// <summary>What a <see cref="HostGateway"/> is.</summary>
public sealed record HostGatewayOptions
{
    /// <summary>The host's namespace; null = the one of this process.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>Name of the link that holds the gateway address (a bridge without ports), at most 15 characters.</summary>
    public string Name { get; init; } = "swarm_gwbridge";

    /// <summary>
    /// Addresses of the gateway (the first) and of what is attached. Null = the subnet of a gateway that is there, else the first of 172.18.0.0/16 … 172.31.0.0/16, 192.168.0.0/20 … that no address or route of the host overlaps.
    /// </summary>
    public IPv4Prefix? Subnet { get; init; }

    /// <summary>MTU in bytes.</summary>
    public int Mtu { get; init; } = 1500;
}
