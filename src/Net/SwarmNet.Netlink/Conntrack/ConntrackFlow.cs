namespace SwarmNet.Netlink.Conntrack;

/// <summary>A flow that the kernel tracks.</summary>
/// <param name="Original">The direction of the first packet, before translation.</param>
/// <param name="Reply">What answers look like before they are translated back: its source is who really answers.</param>
/// <param name="Id">The kernel's number of the entry.</param>
/// <param name="Status">IPS_* bits: source translated 0x10, destination translated 0x20.</param>
/// <param name="Mark">The flow's mark.</param>
public readonly record struct ConntrackFlow(ConntrackTuple Original, ConntrackTuple Reply, uint Id, uint Status, uint Mark);
