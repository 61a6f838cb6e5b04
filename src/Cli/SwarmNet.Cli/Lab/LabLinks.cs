using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Cli.Lab;

/// <summary>The wires of a lab: a bridge in a network namespace of its own, and one link to each host.</summary>
internal static class LabLinks
{
    private const string Bridge = "lab0";
    private const string HostLink = "eth0";

    public static void CreateSwitch(LabPaths paths)
    {
        using var ns = NetworkNamespace.Create(paths.Switch);
        using var route = Rtnetlink.Open(ns);
        route.Execute(new RtnetlinkBatch().AddLink(new BridgeSpec { Name = Bridge, Stp = false, NfCallIptables = false, NfCallIp6tables = false, Up = true }));
        route.Execute(new RtnetlinkBatch().AddAddress(new AddressEntry
        {
            Link = route.GetLink(Bridge).Index,
            Address = IPAddress.Parse(LabPaths.OutsideAddress),
            PrefixLength = LabPaths.PrefixLength,
        }));
        // A host that asks for a name hears at once that nobody answers.
        ns.SetSysctl("net.ipv4.icmp_ratelimit", "0");
    }

    public static void Connect(LabPaths paths, LabNode node)
    {
        using var ns = NetworkNamespace.Open(paths.Switch);
        using var host = NetworkNamespace.Open($"/proc/{node.Host.Pid}/ns/net");
        using var route = Rtnetlink.Open(ns);
        // A host that was powered off a moment ago may still be on the way out with its link.
        route.Execute(new RtnetlinkBatch().DeleteLink(node.Name, ignoreMissing: true));
        route.Execute(new RtnetlinkBatch().AddLink(new VethSpec
        {
            Name = node.Name,
            Master = route.GetLink(Bridge).Index,
            Up = true,
            Peer = new VethPeer { Name = HostLink, Namespace = host },
        }));
        using var inside = Rtnetlink.Open(host);
        var link = inside.GetLink(HostLink).Index;
        inside.Execute(new RtnetlinkBatch()
            .SetUp("lo")
            .SetUp(HostLink)
            .AddAddress(new AddressEntry { Link = link, Address = IPAddress.Parse(node.Address), PrefixLength = LabPaths.PrefixLength }));
        inside.Execute(new RtnetlinkBatch()
            .AddRoute(new RouteEntry { Destination = new IPNetwork(IPAddress.Any, 0), Gateway = IPAddress.Parse(LabPaths.OutsideAddress), Link = link }));
    }
}
