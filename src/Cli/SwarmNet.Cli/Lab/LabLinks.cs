using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Cli.Lab;

/// <summary>The wires of a lab: a bridge in a network namespace of its own, and one link to each host.</summary>
internal static class LabLinks
{
    private const string Bridge = "lab0";
    private const string HostLink = "eth0";

    // IFA_F_NODAD of linux/if_addr.h.
    private const uint NoDuplicateDetection = 0x02;

    public static void CreateSwitch(LabPaths paths)
    {
        using var ns = NetworkNamespace.Create(paths.Switch);
        using var route = Rtnetlink.Open(ns);
        route.Execute(new RtnetlinkBatch().AddLink(new BridgeSpec { Name = Bridge, Stp = false, NfCallIptables = false, NfCallIp6tables = false, Up = true }));
        route.Execute(AddAddresses(new RtnetlinkBatch(), route.GetLink(Bridge).Index, LabPaths.OutsideAddress, LabPaths.OutsideAddress6));
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
        inside.Execute(AddAddresses(new RtnetlinkBatch().SetUp("lo").SetUp(HostLink), link, node.Address, node.Address6));
        inside.Execute(new RtnetlinkBatch()
            .AddRoute(new RouteEntry { Destination = new IPNetwork(IPAddress.Any, 0), Gateway = IPAddress.Parse(LabPaths.OutsideAddress), Link = link })
            .AddRoute(new RouteEntry { Destination = new IPNetwork(IPAddress.IPv6Any, 0), Gateway = IPAddress.Parse(LabPaths.OutsideAddress6), Link = link }));
    }

    // Nobody else has the addresses, and asking would keep the IPv6 one unusable for a second or two.
    private static RtnetlinkBatch AddAddresses(RtnetlinkBatch batch, int link, string ipv4, string ipv6) => batch
        .AddAddress(new AddressEntry { Link = link, Address = IPAddress.Parse(ipv4), PrefixLength = LabPaths.PrefixLength })
        .AddAddress(new AddressEntry { Link = link, Address = IPAddress.Parse(ipv6), PrefixLength = LabPaths.PrefixLength6, Flags = NoDuplicateDetection });
}
