using System.Net;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

/// <summary>An endpoint of the network that lives on another host.</summary>
/// <param name="EndpointIp">The endpoint's IPv4 or IPv6 address in the overlay; one with both is two peers.</param>
/// <param name="Mac">Its MAC address.</param>
/// <param name="Vtep">Address of the tunnel end of its host, in the underlay; of the same family as this host's.</param>
public sealed record OverlayPeer(IPAddress EndpointIp, MacAddress Mac, IPAddress Vtep)
{
    /// <summary>A peer whose MAC address is derived from its IPv4 address, as an overlay network does for its own endpoints.</summary>
    public OverlayPeer(IPAddress endpointIp, IPAddress vtep)
        : this(endpointIp, endpointIp.ToMac(), vtep)
    {
    }

    /// <summary>
    /// Orders peers that claim one address, as while an endpoint moves: the largest counts, whatever the order in which they became known. Of equal ones
    /// the lower tunnel end counts, so that all hosts choose the same.
    /// </summary>
    public ulong Generation { get; init; }

    internal bool Supersedes(OverlayPeer other)
    {
        if (Generation != other.Generation)
        {
            return Generation > other.Generation;
        }

        Span<byte> a = stackalloc byte[16], b = stackalloc byte[16];
        Vtep.TryWriteBytes(a, out int lengthA);
        other.Vtep.TryWriteBytes(b, out int lengthB);
        int order = lengthA != lengthB ? lengthA - lengthB : a[..lengthA].SequenceCompareTo(b[..lengthB]);
        return order < 0 || (order == 0 && string.CompareOrdinal(Mac.ToString(), other.Mac.ToString()) < 0);
    }
}
