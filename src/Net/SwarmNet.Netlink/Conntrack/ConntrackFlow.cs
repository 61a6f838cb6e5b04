namespace SwarmNet.Netlink.Conntrack;

/// <summary>A flow that the kernel tracks.</summary>
/// <param name="Original">The direction of the first packet, before translation.</param>
/// <param name="Reply">What answers look like before they are translated back: its source is who really answers.</param>
/// <param name="Id">The kernel's number of the entry.</param>
/// <param name="Status">IPS_* bits: answered 2, assured 4, confirmed 8, source translated 0x10, destination translated 0x20.</param>
/// <param name="Mark">The flow's mark.</param>
public readonly record struct ConntrackFlow(ConntrackTuple Original, ConntrackTuple Reply, uint Id, uint Status, uint Mark)
{
    /// <summary>The flow's zone; 0 = the default one.</summary>
    public ushort Zone { get; init; }

    /// <summary>Seconds until it is forgotten when no packet comes.</summary>
    public uint TimeoutSeconds { get; init; }

    /// <summary>TCP_CONNTRACK_* state: 1 SYN sent, 3 established, 4 FIN wait, 7 time wait, 8 closed; null for other protocols.</summary>
    public byte? TcpState { get; init; }

    /// <summary>What the original direction has carried; null unless net.netfilter.nf_conntrack_acct is on.</summary>
    public ConntrackCounter? OriginalCounter { get; init; }

    /// <summary>What the answers have carried; null unless net.netfilter.nf_conntrack_acct is on.</summary>
    public ConntrackCounter? ReplyCounter { get; init; }
}
