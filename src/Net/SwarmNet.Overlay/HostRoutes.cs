using System.Net;
using System.Net.Sockets;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay;

/// <summary>Finds what a new network's addresses would collide with on the host. Pure.</summary>
internal static class HostRoutes
{
    /// <summary>
    /// What of the host leads to addresses of the subnet: in words; null when nothing does. The default route does not count, nor do local and broadcast entries,
    /// which go with an address of their own.
    /// </summary>
    public static string? FindCollision(IPv4Prefix subnet, IReadOnlyList<RouteEntry> routes, IReadOnlyList<AddressEntry> addresses, IReadOnlyList<LinkEntry> links)
    {
        foreach (AddressEntry address in addresses)
        {
            if (address.Address.AddressFamily == AddressFamily.InterNetwork && new IPv4Prefix(address.Address, address.PrefixLength).Overlaps(subnet))
            {
                return $"the address {address.Address}/{address.PrefixLength} of {NameOf(address.Link)}";
            }
        }

        foreach (RouteEntry route in routes)
        {
            IPNetwork to = route.Destination;
            if (to.BaseAddress.AddressFamily == AddressFamily.InterNetwork && to.PrefixLength > 0 && route.Table == RouteEntry.MainTable
                && new IPv4Prefix(to.BaseAddress, to.PrefixLength).Overlaps(subnet))
            {
                string via = route.Gateway is { } gateway ? $" via {gateway}" : "";
                return $"the route {to}{via} dev {NameOf(route.Link)}";
            }
        }

        return null;

        string NameOf(int index) => links.FirstOrDefault(link => link.Index == index)?.Name ?? $"link {index}";
    }
}
