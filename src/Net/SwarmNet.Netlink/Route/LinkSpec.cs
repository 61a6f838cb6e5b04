using SwarmNet.Linux;

namespace SwarmNet.Netlink.Route;

/// <summary>A link to be made. What is null is left to the kernel.</summary>
public abstract record LinkSpec
{
    /// <summary>Name, at most 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>Interface index to use; 0 = the next free one.</summary>
    public int Index { get; init; }

    /// <summary>MTU in bytes.</summary>
    public int? Mtu { get; init; }

    /// <summary>Ethernet address.</summary>
    public MacAddress? Address { get; init; }

    /// <summary>Link group, by which <see cref="RtnetlinkBatch.DeleteGroup"/> removes many at once.</summary>
    public int? Group { get; init; }

    /// <summary>Index of the bridge to join, in the namespace where the link is to live.</summary>
    public int? Master { get; init; }

    /// <summary>Namespace to make it in (a vxlan keeps its UDP socket in the namespace of the netlink socket). Owned by the caller.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>Bring it up.</summary>
    public bool Up { get; init; }

    /// <summary>Length of the transmit queue in packets.</summary>
    public int? TxQueueLength { get; init; }

    /// <summary>
    /// Transmit and receive queues to reserve. A veth end uses one queue until ethtool says otherwise, but by default reserves one per
    /// processor and then gives up the rest, which waits for an RCU grace period: with 1 a pair is made in about two thirds of the time.
    /// </summary>
    public int? Queues { get; init; }

    /// <summary>Kind as <c>ip link</c> names it.</summary>
    public abstract string Kind { get; }

    /// <summary>IFLA_LINK: index of the underlying link; 0 = none.</summary>
    internal virtual int LowerLink => 0;

    /// <summary>Writes IFLA_INFO_DATA's content, to make the link or to change it; returns without writing when there is none.</summary>
    internal virtual void WriteData(NetlinkWriter writer, bool create)
    {
    }
}
