using System.Net;

namespace SwarmNet.Overlay.Mesh;

/// <summary>One server behind a published port.</summary>
/// <param name="Ip">IPv4 address, reachable from the namespace that publishes.</param>
/// <param name="TargetPort">Port that the server listens on.</param>
/// <param name="Weight">Share of new flows relative to the other backends; 0 = takes no new flows.</param>
public sealed record PortBackend(IPAddress Ip, ushort TargetPort, int Weight = 1);
