using System.Net;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

/// <summary>Computes what turns one <see cref="ForwardingState"/> into another. Pure; allocates nothing where nothing differs.</summary>
internal static class ForwardingDiff
{
    private static readonly List<ForwardingChange> _none = [];

    /// <summary>
    /// The changes in the order in which they are safe: an address stops being answered before its path goes, and is
    /// answered only after its path is there. An entry whose value changes is replaced in place, so that there is always one.
    /// </summary>
    public static IReadOnlyList<ForwardingChange> Compute(ForwardingState current, ForwardingState wanted)
    {
        List<ForwardingChange>? changes = null;
        foreach ((IPAddress ip, MacAddress mac) in current.Neighbours)
        {
            if (!wanted.Neighbours.ContainsKey(ip))
            {
                (changes ??= []).Add(new ForwardingChange(ForwardingTable.Neighbour, false, ip, mac, null));
            }
        }

        foreach ((MacAddress mac, IPAddress vtep) in current.Tunnels)
        {
            if (!wanted.Tunnels.ContainsKey(mac))
            {
                (changes ??= []).Add(new ForwardingChange(ForwardingTable.Tunnel, false, null, mac, vtep));
            }
        }

        foreach (MacAddress mac in current.Ports)
        {
            if (!wanted.Ports.Contains(mac))
            {
                (changes ??= []).Add(new ForwardingChange(ForwardingTable.Port, false, null, mac, null));
            }
        }

        foreach (MacAddress mac in wanted.Ports)
        {
            if (!current.Ports.Contains(mac))
            {
                (changes ??= []).Add(new ForwardingChange(ForwardingTable.Port, true, null, mac, null));
            }
        }

        foreach ((MacAddress mac, IPAddress vtep) in wanted.Tunnels)
        {
            if (!current.Tunnels.TryGetValue(mac, out IPAddress? other) || !other.Equals(vtep))
            {
                (changes ??= []).Add(new ForwardingChange(ForwardingTable.Tunnel, true, null, mac, vtep));
            }
        }

        foreach ((IPAddress ip, MacAddress mac) in wanted.Neighbours)
        {
            if (!current.Neighbours.TryGetValue(ip, out MacAddress other) || other != mac)
            {
                (changes ??= []).Add(new ForwardingChange(ForwardingTable.Neighbour, true, ip, mac, null));
            }
        }

        return changes ?? _none;
    }
}
