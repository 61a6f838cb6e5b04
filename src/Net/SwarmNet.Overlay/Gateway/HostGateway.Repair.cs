using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Gateway;

// Drift: what somebody else changed.
public sealed partial class HostGateway
{
    private const string ForwardingSetting = "net.ipv4.ip_forward";

    /// <summary>Compares link, address, rules and forwarding with what is wanted, and puts differences right.</summary>
    /// <param name="inspectOnly">Change nothing.</param>
    /// <returns>What was different.</returns>
    public IReadOnlyList<Repair> Repair(bool inspectOnly = false)
    {
        lock (_lock)
        {
            List<Repair> repairs = [.. FindLinkDrift(), .. FindRuleDrift()];
            if (HostSysctl.TryGet(_options.Namespace, ForwardingSetting) == "0")
            {
                repairs.Add(new Repair($"setting {ForwardingSetting}", "was 0 instead of 1"));
            }

            if (!inspectOnly && repairs.Count > 0)
            {
                Restore();
            }

            return repairs;
        }
    }

    /// <summary>Compares what <see cref="Attach"/> made for a namespace with what is wanted, and puts differences right, a missing interface included.</summary>
    /// <param name="target">The namespace.</param>
    /// <param name="interfaceName">Name of the interface there.</param>
    /// <param name="address">The address that it got.</param>
    /// <param name="inspectOnly">Change nothing.</param>
    /// <returns>What was different.</returns>
    public IReadOnlyList<Repair> RepairAttached(NetworkNamespace target, string interfaceName, IPAddress address, bool inspectOnly = false)
    {
        lock (_lock)
        {
            var repairs = new List<Repair>();
            using Rtnetlink targetSide = Rtnetlink.Open(target);
            (PairOf(target, interfaceName, address) with { IsInspection = inspectOnly }).Ensure(_links, targetSide, repairs);
            string port = VethPair.PortOf(PortPrefix, address);
            if (_links.FindLink(port) is not { } link || !_links.GetRoutes().Any(route => route.Link == link.Index && route.Destination.Equals(new IPNetwork(address, 32))))
            {
                repairs.Add(new Repair($"route {address}/32 dev {port}", "was missing"));
            }

            if (!inspectOnly && repairs.Count > 0)
            {
                AddHostRoute(address);
            }

            return repairs;
        }
    }

    private IEnumerable<Repair> FindLinkDrift()
    {
        if (_links.FindLink(_options.Name) is not { } gateway)
        {
            yield return new Repair($"bridge {_options.Name}", "was missing");
            yield break;
        }

        if (!gateway.IsUp)
        {
            yield return new Repair($"link {_options.Name}", "was down");
        }

        if (!_links.GetAddresses(gateway.Index).Any(address => address.Address.Equals(Gateway) && address.PrefixLength == Subnet.Length))
        {
            yield return new Repair($"address {Gateway}/{Subnet.Length} of {_options.Name}", "was missing");
        }
    }

    private IEnumerable<Repair> FindRuleDrift() => NfTableSnapshot.Read(_netfilter, _table).DifferencesFrom(NfTableSnapshot.Of(Rules(), _table))
        .Select(static difference => new Repair($"table {TableName}", $"differed: {difference}"));

    private void Restore()
    {
        if (_links.FindLink(_options.Name) is null)
        {
            _links.Execute(new RtnetlinkBatch()
                .AddLink(new BridgeSpec { Name = _options.Name, Mtu = _options.Mtu, Address = Gateway.ToMac() })
                .SetAlias(_options.Name, Alias));
        }

        LinkEntry gateway = _links.GetLink(_options.Name);
        _links.Execute(new RtnetlinkBatch()
            .EnsureAddress(new AddressEntry { Link = gateway.Index, Address = Gateway, PrefixLength = Subnet.Length })
            .SetUp(gateway.Index));
        HostSysctl.Set(_options.Namespace, ForwardingSetting, "1");
        Rules().Execute(_netfilter);
    }
}
