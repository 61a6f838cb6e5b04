using System.Net;

namespace SwarmNet.Overlay.Mesh;

/// <summary>One server behind a published port.</summary>
/// <param name="Ip">IPv4 address, reachable from the namespace that publishes.</param>
/// <param name="TargetPort">Port that the server listens on; of a range of ports the one that belongs to the first.</param>
/// <param name="Weight">
/// Share of new flows relative to the other backends, at least 0. 0 = drained: no new flows, established connections go on until the
/// backend is no longer listed; UDP, which has no connections, leaves at once.
/// </param>
public sealed record PortBackend(IPAddress Ip, ushort TargetPort, int Weight = 1)
{
    /// <summary>
    /// The backend shall see this host's address instead of the client's: needed where nothing in its namespace sends answers back through the host that was
    /// asked (see <see cref="ReturnPath"/>), as with containers of another engine on the same overlay.
    /// </summary>
    public bool TranslatesSource { get; init; }
}
