using System.Net;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay;

/// <summary>Finds what a new network's addresses would collide with on the host. Pure.</summary>
internal static class HostRoutes
{
    /// <summary>
    /// What of the host leads to addresses of the subnet: in words; null when nothing does. The default route does not count, nor do local and broadcast entries,
    /// which go with an address of their own.
    /// </summary>
    public static string? FindCollision(IPNetwork subnet, IReadOnlyList<RouteEntry> routes, IReadOnlyList<AddressEntry> addresses, IReadOnlyList<LinkEntry> links)
    {
        foreach (AddressEntry address in addresses)
        {
            if (Overlap(address.Address, address.PrefixLength, subnet))
            {
                return $"the address {address.Address}/{address.PrefixLength} of {NameOf(address.Link)}";
            }
        }

        foreach (RouteEntry route in routes)
        {
            IPNetwork to = route.Destination;
            if (to.PrefixLength > 0 && route.Table == RouteEntry.MainTable && Overlap(to.BaseAddress, to.PrefixLength, subnet))
            {
                string via = route.Gateway is { } gateway ? $" via {gateway}" : "";
                return $"the route {to}{via} dev {NameOf(route.Link)}";
            }
        }

        return null;

        string NameOf(int index) => links.FirstOrDefault(link => link.Index == index)?.Name ?? $"link {index}";
    }

    private static bool Overlap(IPAddress address, int prefixLength, IPNetwork subnet)
    {
        Span<byte> a = stackalloc byte[16];
        Span<byte> b = stackalloc byte[16];
        if (address.AddressFamily != subnet.BaseAddress.AddressFamily || !address.TryWriteBytes(a, out int length) || !subnet.BaseAddress.TryWriteBytes(b, out _))
        {
            return false;
        }

        int common = Math.Min(prefixLength, subnet.PrefixLength);
        int whole = common / 8;
        int mask = 0xff00 >> (common % 8);
        return a[..whole].SequenceEqual(b[..whole]) && (whole == length || ((a[whole] ^ b[whole]) & mask & 0xff) == 0);
    }
}
