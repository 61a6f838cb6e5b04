using SwarmNet.Linux;

namespace SwarmNet.Netlink.Route;

/// <summary>The other end of a veth pair, born down: bring it up from its own namespace. What is null is left to the kernel.</summary>
public sealed record VethPeer
{
    /// <summary>Name, at most 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>Interface index to use; 0 = the next free one.</summary>
    public int Index { get; init; }

    /// <summary>MTU in bytes.</summary>
    public int? Mtu { get; init; }

    /// <summary>Ethernet address.</summary>
    public MacAddress? Address { get; init; }

    /// <summary>Link group.</summary>
    public int? Group { get; init; }

    /// <summary>Namespace to make it in; null = that of the netlink socket. Owned by the caller.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>Length of the transmit queue in packets.</summary>
    public int? TxQueueLength { get; init; }

    /// <summary>Transmit and receive queues to reserve; see <see cref="LinkSpec.Queues"/>.</summary>
    public int? Queues { get; init; }
}
