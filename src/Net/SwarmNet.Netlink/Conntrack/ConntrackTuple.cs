using System.Net;

namespace SwarmNet.Netlink.Conntrack;

/// <summary>One direction of a flow.</summary>
/// <param name="Protocol">IP protocol number (6 TCP, 17 UDP, 1 ICMP).</param>
/// <param name="Source">Source address.</param>
/// <param name="Destination">Destination address.</param>
/// <param name="SourcePort">Source port; for ICMP the echo identifier.</param>
/// <param name="DestinationPort">Destination port; for ICMP type (high byte) and code.</param>
public readonly record struct ConntrackTuple(byte Protocol, IPAddress Source, IPAddress Destination, ushort SourcePort, ushort DestinationPort);
