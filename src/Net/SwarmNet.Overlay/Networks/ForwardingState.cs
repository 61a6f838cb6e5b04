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
    /// The tables for these peers. Peers at <paramref name="localVtep"/> and peers whose address a local endpoint has are left
    /// out; of two peers with one address (an endpoint that is moving) the first counts.
    /// </summary>
    public static ForwardingState Of(IEnumerable<OverlayPeer> peers, uint localVtep, IReadOnlySet<uint> localEndpoints)
    {
        var state = new ForwardingState();
        foreach (OverlayPeer peer in peers)
        {
            uint ip = peer.EndpointIp.ToUInt32();
            uint vtep = peer.Vtep.ToUInt32();
            if (vtep == localVtep || localEndpoints.Contains(ip) || !state.Neighbours.TryAdd(ip, peer.Mac))
            {
                continue;
            }

            state.Tunnels.TryAdd(peer.Mac, vtep);
            state.Ports.Add(peer.Mac);
        }

        return state;
    }
}
