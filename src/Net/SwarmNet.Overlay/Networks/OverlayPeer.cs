using System.Net;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

/// <summary>An endpoint of the network that lives on another host.</summary>
/// <param name="EndpointIp">The endpoint's IPv4 address in the overlay.</param>
/// <param name="Mac">Its MAC address.</param>
/// <param name="Vtep">Address of the tunnel end of its host, in the underlay.</param>
public sealed record OverlayPeer(IPAddress EndpointIp, MacAddress Mac, IPAddress Vtep)
{
    /// <summary>A peer whose MAC address is derived from its IP address, as an overlay network does for its own endpoints.</summary>
    public OverlayPeer(IPAddress endpointIp, IPAddress vtep)
        : this(endpointIp, endpointIp.ToMac(), vtep)
    {
    }

    /// <summary>
    /// Orders peers that claim one address, as while an endpoint moves: the largest counts, whatever the order in which they became known. Of equal ones
    /// the lower tunnel end counts, so that all hosts choose the same.
    /// </summary>
    public ulong Generation { get; init; }
}
