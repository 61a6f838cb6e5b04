using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

/// <summary>Computes what turns one <see cref="ForwardingState"/> into another. Pure.</summary>
internal static class ForwardingDiff
{
    /// <summary>
    /// The changes in the order in which they are safe: an address stops being answered before its path goes, and is
    /// answered only after its path is there. An entry whose value changes is removed and added.
    /// </summary>
    public static List<ForwardingChange> Compute(ForwardingState current, ForwardingState wanted)
    {
        var changes = new List<ForwardingChange>();
        foreach ((uint ip, MacAddress mac) in current.Neighbours)
        {
            if (!wanted.Neighbours.TryGetValue(ip, out MacAddress other) || other != mac)
            {
                changes.Add(new ForwardingChange(ForwardingTable.Neighbour, false, ip, mac, 0));
            }
        }

        foreach ((MacAddress mac, uint vtep) in current.Tunnels)
        {
            if (!wanted.Tunnels.TryGetValue(mac, out uint other) || other != vtep)
            {
                changes.Add(new ForwardingChange(ForwardingTable.Tunnel, false, 0, mac, vtep));
            }
        }

        foreach (MacAddress mac in current.Ports)
        {
            if (!wanted.Ports.Contains(mac))
            {
                changes.Add(new ForwardingChange(ForwardingTable.Port, false, 0, mac, 0));
            }
        }

        foreach (MacAddress mac in wanted.Ports)
        {
            if (!current.Ports.Contains(mac))
            {
                changes.Add(new ForwardingChange(ForwardingTable.Port, true, 0, mac, 0));
            }
        }

        foreach ((MacAddress mac, uint vtep) in wanted.Tunnels)
        {
            if (!current.Tunnels.TryGetValue(mac, out uint other) || other != vtep)
            {
                changes.Add(new ForwardingChange(ForwardingTable.Tunnel, true, 0, mac, vtep));
            }
        }

        foreach ((uint ip, MacAddress mac) in wanted.Neighbours)
        {
            if (!current.Neighbours.TryGetValue(ip, out MacAddress other) || other != mac)
            {
                changes.Add(new ForwardingChange(ForwardingTable.Neighbour, true, ip, mac, 0));
            }
        }

        return changes;
    }
}
