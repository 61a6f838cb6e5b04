using System.Net;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Networks;

/// <summary>
/// Compares what is wanted of a network with what the kernel has. Pure. A link that is missing is one step; what belongs to it (its index is not known
/// before) is the next: observe, plan and apply again until nothing differs, which at the same time verifies.
/// </summary>
internal static class NetworkPlanner
{
    /// <summary>The link group of endpoint ports, by which they are deleted at once.</summary>
    public const int EndpointGroup = 1;

    /// <summary>What to change, in an order in which it can be done.</summary>
    public static List<NetworkChange> Plan(WantedNetwork wanted, NetworkObservation observed)
    {
        var changes = new List<NetworkChange>();
        foreach ((string name, string value) in wanted.Sysctls())
        {
            if (observed.Sysctls.GetValueOrDefault(name) is { } actual && actual != value)
            {
                changes.Add(new NetworkChange.Sysctl(name, value, new Repair($"setting {name}", $"was {actual} instead of {value}")));
            }
        }

        if (observed.Links.TryGetValue("lo", out LinkEntry? loopback) && !loopback.IsUp)
        {
            changes.Add(new NetworkChange.Link(loopback.Index, new Repair("link lo", "was down")) { Up = true });
        }

        foreach (OverlaySubnet subnet in wanted.Options.Subnets)
        {
            PlanBridge(wanted.Options, subnet, observed, changes);
            PlanTunnel(wanted, subnet, observed, changes);
        }

        foreach ((string name, OverlaySubnet subnet) in wanted.Ports)
        {
            // One that is missing is its endpoint's matter: it has another end.
            if (observed.Links.TryGetValue(name, out LinkEntry? port))
            {
                PlanLink(port, wanted.Options.Mtu, BridgeOf(subnet, observed), null, EndpointGroup, changes);
            }
        }

        changes.AddRange(observed.Strays.Select(static entry =>
            new NetworkChange.Stray(entry, new Repair($"forwarding entry {entry.Address}", "led to a local port"))));
        return changes;
    }

    private static int? BridgeOf(OverlaySubnet subnet, NetworkObservation observed) =>
        observed.Links.TryGetValue(subnet.Bridge, out LinkEntry? bridge) && bridge.Kind == "bridge" ? bridge.Index : null;

    private static void PlanBridge(OverlayNetworkOptions options, OverlaySubnet subnet, NetworkObservation observed, List<NetworkChange> changes)
    {
        if (!Exists(subnet.Bridge, "bridge", static _ => true, observed, changes, out LinkEntry? bridge))
        {
            changes.Add(new NetworkChange.AddBridge(subnet, new Repair($"bridge {subnet.Bridge}", "was missing")));
            return;
        }

        // The address is fixed, or the bridge would take its lowest port's and change it as endpoints come and go.
        PlanLink(bridge!, options.Mtu, null, subnet.Gateway.ToMac(), null, changes);
        bool hasGateway = false;
        foreach (AddressEntry address in observed.Addresses.Where(address => address.Link == bridge!.Index))
        {
            bool isGateway = address.Address.Equals(subnet.Gateway) && address.PrefixLength == subnet.Subnet.Length;
            hasGateway |= isGateway;
            if (!isGateway && !address.Address.IsIPv6LinkLocal)
            {
                changes.Add(new NetworkChange.Address(address, false, new Repair($"address {address.Address}/{address.PrefixLength} of {subnet.Bridge}", "was not ours")));
            }
        }

        if (!hasGateway)
        {
            var entry = new AddressEntry { Link = bridge!.Index, Address = subnet.Gateway, PrefixLength = subnet.Subnet.Length };
            changes.Add(new NetworkChange.Address(entry, true, new Repair($"address {subnet.Gateway}/{subnet.Subnet.Length} of {subnet.Bridge}", "was missing")));
        }
    }

    private static void PlanTunnel(WantedNetwork wanted, OverlaySubnet subnet, NetworkObservation observed, List<NetworkChange> changes)
    {
        OverlayNetworkOptions options = wanted.Options;
        if (!Exists(subnet.Tunnel, "vxlan", link => IsWanted(options, subnet, link), observed, changes, out LinkEntry? tunnel))
        {
            changes.Add(new NetworkChange.AddTunnel(subnet, new Repair($"tunnel {subnet.Tunnel}", "was missing")));
            return;
        }

        PlanLink(tunnel!, options.Mtu, BridgeOf(subnet, observed), null, null, changes);
        // Peers are entered, not learned; nor shall a frame with a wrong source address move one to another port.
        if (tunnel!.PortKind == "bridge" && tunnel.BridgePort is not { Learning: false })
        {
            changes.Add(new NetworkChange.BridgePort(tunnel.Index, new BridgePortSpec { Learning = false }, new Repair($"bridge port {subnet.Tunnel}", "learned addresses")));
        }

        if (wanted.Forwarding.TryGetValue(subnet.Number, out ForwardingState? forwarding) && tunnel.PortKind == "bridge"
            && observed.Forwarding.TryGetValue(tunnel.Index, out ForwardingState? actual))
        {
            changes.AddRange(ForwardingDiff.Compute(actual, forwarding)
                .Select(entry => new NetworkChange.Forwarding(tunnel.Index, entry, Describe(entry, actual, subnet))));
        }
    }

    /// <summary>False when there is no such link; one of that name that is another thing is removed first.</summary>
    private static bool Exists(string name, string kind, Func<LinkEntry, bool> isWanted, NetworkObservation observed, List<NetworkChange> changes, out LinkEntry? link)
    {
        if (!observed.Links.TryGetValue(name, out link))
        {
            return false;
        }

        if (link.Kind == kind && isWanted(link))
        {
            return true;
        }

        changes.Add(new NetworkChange.DeleteLink(name, new Repair($"link {name}", link.Kind == kind ? "had other settings" : $"was no {kind}")));
        return false;
    }

    private static bool IsWanted(OverlayNetworkOptions options, OverlaySubnet subnet, LinkEntry tunnel) => tunnel.Vxlan is { } vxlan
        && vxlan.Vni == subnet.Vni && vxlan.Port == options.Port && options.LocalVtep.Equals(vxlan.Local) && !vxlan.Learning && vxlan.Proxy;

    private static void PlanLink(LinkEntry link, int mtu, int? master, MacAddress? mac, int? group, List<NetworkChange> changes)
    {
        var wrong = new List<string>();
        NetworkChange.Link change = new(link.Index, null!);
        if (link.Mtu != mtu)
        {
            wrong.Add($"had MTU {link.Mtu} instead of {mtu}");
            change = change with { Mtu = mtu };
        }

        if (master is { } bridge && link.Master != bridge)
        {
            wrong.Add("was not on its bridge");
            change = change with { Master = bridge };
        }

        if (mac is { } address && link.Address != address)
        {
            wrong.Add($"had the address {link.Address} instead of {address}");
            change = change with { Mac = address };
        }

        if (group is { } number && link.Group != number)
        {
            wrong.Add($"was in link group {link.Group} instead of {number}");
            change = change with { Group = number };
        }

        if (!link.IsUp)
        {
            wrong.Add("was down");
            change = change with { Up = true };
        }

        if (wrong.Count > 0)
        {
            changes.Add(change with { Repair = new Repair($"link {link.Name}", string.Join(", ", wrong)) });
        }
    }

    private static Repair Describe(in ForwardingChange change, ForwardingState actual, OverlaySubnet subnet)
    {
        (string subject, bool had) = change.Table switch
        {
            ForwardingTable.Neighbour => ($"neighbour {change.Address} of {subnet.Tunnel}", actual.Neighbours.ContainsKey(change.Address!)),
            ForwardingTable.Tunnel => ($"forwarding entry {change.Mac} of {subnet.Tunnel}", actual.Tunnels.ContainsKey(change.Mac)),
            _ => ($"forwarding entry {change.Mac} of {subnet.Bridge}", actual.Ports.Contains(change.Mac)),
        };
        return new Repair(subject, !change.Add ? "was not wanted" : had ? "was another" : "was missing");
    }
}
