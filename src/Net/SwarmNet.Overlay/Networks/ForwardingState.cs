using System.Net.NetworkInformation;

namespace SwarmNet.Overlay.Networks;

/// <summary>
/// What a VXLAN device without learning must know of remote endpoints; the kernel's three tables as plain numbers.
/// </summary>
internal sealed class ForwardingState
{
    /// <summary>Endpoint address → MAC (48 bits): permanent neighbours of the VXLAN device, from which it answers ARP itself.</summary>
    public Dictionary<uint, ulong> Neighbours { get; } = [];

    /// <summary>MAC → VTEP: the VXLAN device's own forwarding entries (`bridge fdb … self dst`).</summary>
    public Dictionary<ulong, uint> Tunnels { get; } = [];

    /// <summary>
    /// MACs that the bridge expects behind the VXLAN port (`bridge fdb … master static`). Without them the bridge floods the
    /// first frames to every local endpoint.
    /// </summary>
    public HashSet<ulong> Ports { get; } = [];

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
            if (vtep == localVtep || localEndpoints.Contains(ip) || !state.Neighbours.TryAdd(ip, ToNumber(peer.Mac)))
            {
                continue;
            }

            ulong mac = ToNumber(peer.Mac);
            state.Tunnels.TryAdd(mac, vtep);
            state.Ports.Add(mac);
        }

        return state;
    }

    public static ulong ToNumber(PhysicalAddress mac) => ToNumber(mac.GetAddressBytes());

    public static ulong ToNumber(ReadOnlySpan<byte> mac)
    {
        ulong value = 0;
        foreach (byte part in mac)
        {
            value = (value << 8) | part;
        }

        return value;
    }

    public static PhysicalAddress ToMac(ulong value)
    {
        byte[] mac = new byte[6];
        for (int i = 5; i >= 0; i--, value >>= 8)
        {
            mac[i] = (byte)value;
        }

        return new PhysicalAddress(mac);
    }
}
