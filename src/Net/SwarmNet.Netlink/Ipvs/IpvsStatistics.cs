namespace SwarmNet.Netlink.Ipvs;

/// <summary>Counters of a service or destination since it was made or zeroed, and rates. The kernel brings both up to date every 2 s.</summary>
/// <param name="Connections">Connections scheduled.</param>
/// <param name="IncomingPackets">Packets from clients.</param>
/// <param name="OutgoingPackets">Packets to clients, where the answer comes back this way.</param>
/// <param name="IncomingBytes">Bytes from clients.</param>
/// <param name="OutgoingBytes">Bytes to clients.</param>
/// <param name="ConnectionsPerSecond">Rate of connections.</param>
/// <param name="IncomingPacketsPerSecond">Rate of packets from clients.</param>
/// <param name="OutgoingPacketsPerSecond">Rate of packets to clients.</param>
/// <param name="IncomingBytesPerSecond">Rate of bytes from clients.</param>
/// <param name="OutgoingBytesPerSecond">Rate of bytes to clients.</param>
public readonly record struct IpvsStatistics(
    ulong Connections,
    ulong IncomingPackets,
    ulong OutgoingPackets,
    ulong IncomingBytes,
    ulong OutgoingBytes,
    ulong ConnectionsPerSecond,
    ulong IncomingPacketsPerSecond,
    ulong OutgoingPacketsPerSecond,
    ulong IncomingBytesPerSecond,
    ulong OutgoingBytesPerSecond);
