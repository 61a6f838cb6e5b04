using System.Net;

namespace SwarmNet.Overlay.Balancing;

/// <summary>A virtual address, IPv4 or IPv6, and who serves it, all protocols and ports alike.</summary>
/// <param name="Vip">The virtual address. Nobody owns it on the wire: it is translated before it is routed.</param>
/// <param name="Backends">
/// Servers; when there is none with a weight, new flows are refused at once rather than left to time out. An address that is listed twice counts once.
/// </param>
public sealed record VirtualService(IPAddress Vip, IReadOnlyList<Backend> Backends)
{
    /// <summary>Null = new flows take turns, whoever asks.</summary>
    public ClientAffinity? Affinity { get; init; }

    /// <summary>Null = the namespace's.</summary>
    public FlowTimeouts? Timeouts { get; init; }
}
