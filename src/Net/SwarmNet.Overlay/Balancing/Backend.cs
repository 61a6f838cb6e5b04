using System.Net;

namespace SwarmNet.Overlay.Balancing;

/// <summary>One server behind a virtual address.</summary>
/// <param name="Ip">IPv4 address, reachable from the namespace of the balancer without translation.</param>
/// <param name="Weight">Share of new flows relative to the other backends; 0 = takes no new flows, established ones go on.</param>
public sealed record Backend(IPAddress Ip, int Weight = 1);
