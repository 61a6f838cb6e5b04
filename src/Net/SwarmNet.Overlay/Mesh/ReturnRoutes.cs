using System.Net;
using System.Runtime.InteropServices;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Mesh;

/// <summary>
/// The routing half of a <see cref="ReturnPath"/>: what is sent from the ingress address leaves by the ingress interface. A next hop that nobody is stands for
/// "the host that was asked"; with routing rules each host has a table of its own, which its mark selects.
/// </summary>
internal sealed class ReturnRoutes(ReturnPathOptions options, Rtnetlink links)
{
    /// <summary>Ethernet address of the next hop that stands for the host that was asked.</summary>
    public static readonly MacAddress AskedMac = new(0x02, 0, 0, 0, 0, 0xfe);

    // Any number that others do not use; ip-rule(8) shows it. Before table main (32766), and marks before sources.
    private const uint Table = 0x5357;
    private const uint SourcePriority = 21_336;
    private const uint MarkPriority = 21_335;
    private static readonly IPAddress _asked = IPAddress.Parse("169.254.255.254");
    private static readonly IPNetwork _everywhere = new(IPAddress.Any, 0);

    private readonly HashSet<IPAddress> _entries = [];
    private int _link;

    /// <summary>Whether the interface is still the one that this was built for.</summary>
    public bool IsThere => links.FindLink(options.InterfaceName)?.Index == _link;

    public void Build()
    {
        _link = links.FindLink(options.InterfaceName)?.Index
            ?? throw new OverlayException($"There is no interface {options.InterfaceName} in {options.Namespace.Path}.");
        foreach (RuleEntry rule in links.GetRules().Where(static rule => rule.Priority == MarkPriority && rule.Mark is not null))
        {
            _entries.Add(Address(rule.Mark!.Value));
        }

        links.Execute(Append(new RtnetlinkBatch()));
    }

    public void SetEntries(IReadOnlyCollection<IPAddress> entries)
    {
        var wanted = entries.ToHashSet();
        var batch = new RtnetlinkBatch();
        foreach (IPAddress entry in _entries.Where(entry => !wanted.Contains(entry)))
        {
            batch.DeleteRule(MarkRule(entry), ignoreMissing: true).DeleteRoute(EntryRoute(entry), ignoreMissing: true);
        }

        foreach (IPAddress entry in wanted.Where(entry => !_entries.Contains(entry)))
        {
            batch.ReplaceRoute(EntryRoute(entry)).EnsureRule(MarkRule(entry));
        }

        links.Execute(batch);
        _entries.Clear();
        _entries.UnionWith(wanted);
    }

    /// <summary>Puts back what is not there, unless it shall only be named.</summary>
    public List<Repair> Repair(bool inspectOnly)
    {
        var repairs = new List<Repair>();
        IReadOnlyList<RuleEntry> rules = links.GetRules();
        Check(rules.Any(static rule => rule.Priority == SourcePriority && rule.Table == Table), "rule of the ingress address");
        IReadOnlyList<RouteEntry> routes = links.GetRoutes(Table);
        Check(routes.Any(route => route.Destination.PrefixLength == 0 && Equals(route.Gateway, _asked) && route.Link == _link), "route to entry hosts");
        Check(routes.Any(route => route.Destination.PrefixLength == options.Subnet.Length && route.Link == _link), "route to the ingress overlay");
        Check(
            links.GetNeighbours(_link).Any(static neighbour => neighbour.Address.Equals(_asked) && neighbour.LinkLayerAddress == AskedMac && neighbour.State == NeighbourState.Permanent),
            "neighbour that stands for entry hosts");
        Check(_entries.All(entry => rules.Any(rule => rule.Priority == MarkPriority && rule.Mark == Mark(entry))), "rules of entry hosts");
        if (repairs.Count > 0 && !inspectOnly)
        {
            links.Execute(Append(new RtnetlinkBatch()));
        }

        return repairs;

        void Check(bool isThere, string what)
        {
            if (!isThere)
            {
                repairs.Add(new Repair(what, "was missing"));
            }
        }
    }

    public void Delete()
    {
        SetEntries([]);
        links.Execute(new RtnetlinkBatch()
            .DeleteRule(SourceRule(), ignoreMissing: true)
            .DeleteRoute(AskedRoute(), ignoreMissing: true)
            .DeleteRoute(SubnetRoute(), ignoreMissing: true)
            .DeleteNeighbour(AskedNeighbour(), ignoreMissing: true));
    }

    private RtnetlinkBatch Append(RtnetlinkBatch batch)
    {
        batch.ReplaceNeighbour(AskedNeighbour()).ReplaceRoute(SubnetRoute()).ReplaceRoute(AskedRoute()).EnsureRule(SourceRule());
        foreach (IPAddress entry in _entries)
        {
            batch.ReplaceRoute(EntryRoute(entry)).EnsureRule(MarkRule(entry));
        }

        return batch;
    }

    private NeighbourEntry AskedNeighbour() => new() { Link = _link, Address = _asked, LinkLayerAddress = AskedMac };

    private RouteEntry SubnetRoute() => new() { Destination = new IPNetwork(options.Subnet.Network, options.Subnet.Length), Link = _link, Table = Table };

    private RouteEntry AskedRoute() => new() { Destination = _everywhere, Gateway = _asked, Link = _link, Table = Table, OnLink = true };

    private RouteEntry EntryRoute(IPAddress entry) => new() { Destination = _everywhere, Gateway = entry, Link = _link, Table = entry.ToUInt32(), OnLink = true };

    private RuleEntry SourceRule() => new() { Priority = SourcePriority, Table = Table, From = new IPNetwork(options.Address, 32) };

    private static RuleEntry MarkRule(IPAddress entry) => new() { Priority = MarkPriority, Table = entry.ToUInt32(), Mark = Mark(entry) };

    /// <summary>The mark of an entry host's flows: the bytes of its address, as the rules copied them out of the Ethernet address.</summary>
    private static uint Mark(IPAddress entry) => MemoryMarshal.Read<uint>(entry.GetAddressBytes());

    private static IPAddress Address(uint mark) => new(MemoryMarshal.AsBytes([mark]));
}
