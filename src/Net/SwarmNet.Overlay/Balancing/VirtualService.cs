using System.Net;

namespace SwarmNet.Overlay.Balancing;

/// <summary>A virtual IPv4 address and who serves it, all protocols and ports alike.</summary>
/// <param name="Vip">The virtual address. Nobody owns it on the wire: it is translated before it is routed.</param>
/// <param name="Backends">Servers; when empty (or all of weight 0), new flows are refused at once rather than left to time out.</param>
public sealed record VirtualService(IPAddress Vip, IReadOnlyList<Backend> Backends);
