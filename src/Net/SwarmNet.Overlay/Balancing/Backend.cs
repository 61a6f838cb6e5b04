using System.Net;

namespace SwarmNet.Overlay.Balancing;

/// <summary>One server behind a virtual address.</summary>
/// <param name="Ip">Address, of the same family as the virtual one, reachable from the namespace of the balancer without translation.</param>
/// <param name="Weight">
/// Share of new flows relative to the other backends, at least 0. 0 = drained: no new flows, established connections go on until the
/// backend is no longer listed; UDP, which has no connections, leaves at once.
/// </param>
public sealed record Backend(IPAddress Ip, int Weight = 1);
