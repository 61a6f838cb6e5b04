namespace SwarmNet.Netlink.Conntrack;

/// <summary>What one direction of a flow has carried.</summary>
/// <param name="Packets">Packets.</param>
/// <param name="Bytes">Bytes, IP headers included.</param>
public readonly record struct ConntrackCounter(ulong Packets, ulong Bytes);
