using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

/// <summary>
/// What a VXLAN device without learning must know of remote endpoints; the kernel's three tables as plain values.
/// </summary>
internal sealed class ForwardingState
{
    /// <summary>Endpoint address → MAC: permanent neighbours of the VXLAN device, from which it answers ARP itself.</summary>
    public Dictionary<uint, MacAddress> Neighbours { get; } = [];

    /// <summary>MAC → VTEP: the VXLAN device's own forwarding entries (`bridge fdb … self dst`).</summary>
    public Dictionary<MacAddress, uint> Tunnels { get; } = [];

    /// <summary>
    /// MACs that the bridge expects behind the VXLAN port (`bridge fdb … master static`). Without them the bridge floods the
    /// first frames to every local endpoint.
    /// </summary>
    public HashSet<MacAddress> Ports { get; } = [];

    /// <summary>
    /// The tables for these peers, in whatever order they come. Peers at <paramref name="localVtep"/> and peers whose address a local endpoint has
    /// are left out; of several peers with one address (an endpoint that is moving) the newest generation counts.
    /// </summary>
    public static ForwardingState Of(IEnumerable<OverlayPeer> peers, uint localVtep, IReadOnlySet<uint> localEndpoints)
    {
        var newest = new Dictionary<uint, OverlayPeer>();
        foreach (OverlayPeer peer in peers)
        {
            uint ip = peer.EndpointIp.ToUInt32();
            if (!localEndpoints.Contains(ip) && (!newest.TryGetValue(ip, out OverlayPeer? other) || Supersedes(peer, other)))
            {
                newest[ip] = peer;
            }
        }

        var state = new ForwardingState();
        var generations = new Dictionary<MacAddress, OverlayPeer>(newest.Count);
        foreach ((uint ip, OverlayPeer peer) in newest)
        {
            uint vtep = peer.Vtep.ToUInt32();
            if (vtep == localVtep)
            {
                continue;
            }

            state.Neighbours.Add(ip, peer.Mac);
            state.Ports.Add(peer.Mac);
            if (!generations.TryGetValue(peer.Mac, out OverlayPeer? other) || Supersedes(peer, other))
            {
                generations[peer.Mac] = peer;
                state.Tunnels[peer.Mac] = vtep;
            }
        }

        return state;
    }

    private static bool Supersedes(OverlayPeer peer, OverlayPeer other) => peer.Generation != other.Generation
        ? peer.Generation > other.Generation
        : peer.Vtep.ToUInt32() < other.Vtep.ToUInt32();
}
