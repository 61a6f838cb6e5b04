using System.Net;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

/// <summary>
/// What a VXLAN device without learning must know of remote endpoints; the kernel's three tables as plain values.
/// </summary>
internal sealed class ForwardingState
{
    /// <summary>Endpoint address → MAC: permanent neighbours of the VXLAN device, from which it answers ARP and neighbour solicitations itself.</summary>
    public Dictionary<IPAddress, MacAddress> Neighbours { get; } = [];

    /// <summary>MAC → VTEP: the VXLAN device's own forwarding entries (`bridge fdb … self dst`).</summary>
    public Dictionary<MacAddress, IPAddress> Tunnels { get; } = [];

    /// <summary>
    /// MACs that the bridge expects behind the VXLAN port (`bridge fdb … master static`). Without them the bridge floods the
    /// first frames to every local endpoint.
    /// </summary>
    public HashSet<MacAddress> Ports { get; } = [];

    /// <summary>
    /// The tables for these peers, in whatever order they come. Peers at <paramref name="localVtep"/> and peers whose address a local endpoint has
    /// are left out; of several peers with one address (an endpoint that is moving) the newest generation counts.
    /// </summary>
    public static ForwardingState Of(IEnumerable<OverlayPeer> peers, IPAddress localVtep, IReadOnlySet<IPAddress> localEndpoints)
    {
        var newest = new Dictionary<IPAddress, OverlayPeer>();
        foreach (OverlayPeer peer in peers)
        {
            if (!localEndpoints.Contains(peer.EndpointIp) && (!newest.TryGetValue(peer.EndpointIp, out OverlayPeer? other) || peer.Supersedes(other)))
            {
                newest[peer.EndpointIp] = peer;
            }
        }

        var state = new ForwardingState();
        var owners = new Dictionary<MacAddress, OverlayPeer>(newest.Count);
        foreach ((IPAddress ip, OverlayPeer peer) in newest)
        {
            if (peer.Vtep.Equals(localVtep))
            {
                continue;
            }

            state.Neighbours.Add(ip, peer.Mac);
            state.Ports.Add(peer.Mac);
            if (!owners.TryGetValue(peer.Mac, out OverlayPeer? other) || peer.Supersedes(other))
            {
                owners[peer.Mac] = peer;
                state.Tunnels[peer.Mac] = peer.Vtep;
            }
        }

        return state;
    }
}
