using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Gateway;

/// <summary>
/// The way out for namespaces that otherwise see overlay networks only: each gets an interface to the host with the default
/// route, and the host translates the source to its own address. Attached namespaces do not see each other over it.
/// </summary>
/// <remarks>
/// Every namespace has a link of its own to the host, which routes; there is no bridge between them, because frames that are
/// bridged are translated or not depending on a setting of the whole host (bridge-nf-call-iptables). Addresses are handed out
/// here; who has which is read from the links, so that a restarted process knows. They vanish with their namespaces. Turns on
/// IPv4 forwarding. Thread-safe.
/// </remarks>
public sealed partial class HostGateway : IDisposable
{
    /// <summary>Name of the nf_tables table (family ip). Only this table is ever touched.</summary>
    public const string TableName = "swarmnet_gateway";

    private const string PortPrefix = "swgw";
    private const string Alias = "swarmnet gateway";
    private static readonly NfTable _table = new(NfFamily.Ip, TableName);

    private readonly HostGatewayOptions _options;
    private readonly Lock _lock = new();
    private readonly Rtnetlink _links;
    private readonly NetlinkSocket _netfilter;
    private uint _lastAddress; // freed addresses rest: the next one is searched behind it

    private HostGateway(HostGatewayOptions options, Rtnetlink links, NetlinkSocket netfilter)
    {
        _options = options;
        _links = links;
        _netfilter = netfilter;
        Subnet = EnsureGateway();
        HostSysctl.Set(options.Namespace, "net.ipv4.ip_forward", "1");
        Rules().Execute(_netfilter);
    }

    /// <summary>Addresses of the gateway and of what is attached.</summary>
    public IPv4Prefix Subnet { get; }

    /// <summary>The gateway's address: the default route of what is attached, and the host as seen from there.</summary>
    public IPAddress Gateway => Subnet.First;

    /// <summary>Makes the gateway, or adopts one that an earlier process made.</summary>
    /// <exception cref="OverlayException">A link of that name exists that is not ours, or no subnet is free.</exception>
    public static HostGateway Open(HostGatewayOptions options)
    {
        if (options.Name.Length is 0 or > 15)
        {
            throw new ArgumentException($"The link name \"{options.Name}\" must have 1 to 15 characters.", nameof(options));
        }

        Rtnetlink links = Rtnetlink.Open(options.Namespace);
        NetlinkSocket? netfilter = null;
        try
        {
            netfilter = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, options.Namespace);
            return new HostGateway(options, links, netfilter);
        }
        catch (Exception e)
        {
            netfilter?.Dispose();
            links.Dispose();
            if (e is NetlinkException or LinuxException)
            {
                Exception explained = KernelSupport.Explained($"The gateway {options.Name} cannot be made", e);
                if (explained != e)
                {
                    throw explained;
                }
            }

            throw;
        }
    }

    /// <summary>
    /// Gives a namespace an interface to the host and the default route over it. Idempotent: a namespace that is attached by
    /// that interface keeps its address.
    /// </summary>
    /// <param name="target">The namespace; need not stay open.</param>
    /// <param name="interfaceName">Name of the interface there, for example <c>eth1</c>.</param>
    /// <returns>The interface's address.</returns>
    public IPAddress Attach(NetworkNamespace target, string interfaceName)
    {
        lock (_lock)
        {
            using Rtnetlink targetSide = Rtnetlink.Open(target);
            IReadOnlyList<LinkEntry> links = _links.GetLinks();
            IPAddress address = FindAddress(links, targetSide.FindLink(interfaceName)) ?? Allocate(links);
            PairOf(target, interfaceName, address).Ensure(_links, targetSide);
            AddHostRoute(address);
            return address;
        }
    }

    /// <summary>Removes the interface with this address. One that is gone already (with its namespace) is no error.</summary>
    public void Detach(IPAddress address)
    {
        lock (_lock)
        {
            _links.Execute(new RtnetlinkBatch().DeleteLink(VethPair.PortOf(PortPrefix, address), ignoreMissing: true));
        }
    }

    /// <summary>Addresses of all that is attached, also by earlier processes.</summary>
    public IReadOnlyList<IPAddress> GetAttached()
    {
        lock (_lock)
        {
            return [.. Addresses(_links.GetLinks()).Select(static address => address.ToIPAddress())];
        }
    }

    /// <summary>Removes links and rules, and disposes this object.</summary>
    public void Delete()
    {
        lock (_lock)
        {
            var batch = new RtnetlinkBatch();
            foreach (uint address in Addresses(_links.GetLinks()))
            {
                batch.DeleteLink(VethPair.PortOf(PortPrefix, address.ToIPAddress()), ignoreMissing: true);
            }

            _links.Execute(batch.DeleteLink(_options.Name, ignoreMissing: true));
            new NfTablesBatch().AddTable(_table).DeleteTable(_table).Execute(_netfilter);
            Dispose();
        }
    }

    /// <summary>Closes the sockets; links and rules stay.</summary>
    public void Dispose()
    {
        _netfilter.Dispose();
        _links.Dispose();
    }

    private static IEnumerable<uint> Addresses(IReadOnlyList<LinkEntry> links) =>
        links.Select(static link => VethPair.AddressOf(link, PortPrefix)).OfType<uint>();

    private IPv4Prefix EnsureGateway()
    {
        LinkEntry? gateway = _links.FindLink(_options.Name);
        if (gateway is not null && (gateway.Kind != "bridge" || gateway.Alias != Alias))
        {
            throw new OverlayException($"The link {_options.Name} exists already and was not made by SwarmNet: delete it or choose another name.");
        }

        IPv4Prefix subnet = (gateway is null ? null : SubnetOf(gateway)) ?? ChooseSubnet();
        if (gateway is null)
        {
            _links.Execute(new RtnetlinkBatch()
                .AddLink(new BridgeSpec { Name = _options.Name, Mtu = _options.Mtu, Address = subnet.First.ToMac() })
                .SetAlias(_options.Name, Alias));
            gateway = _links.GetLink(_options.Name);
        }

        _links.Execute(new RtnetlinkBatch()
            .EnsureAddress(new AddressEntry { Link = gateway.Index, Address = subnet.First, PrefixLength = subnet.Length })
            .SetUp(gateway.Index));
        return subnet;
    }

    /// <summary>The subnet of a gateway that is there, when it is the wanted one or none is wanted.</summary>
    private IPv4Prefix? SubnetOf(LinkEntry gateway)
    {
        var batch = new RtnetlinkBatch();
        IPv4Prefix? found = null;
        foreach (AddressEntry address in _links.GetAddresses(gateway.Index))
        {
            if (address.Address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
            {
                continue;
            }

            var subnet = new IPv4Prefix(address.Address, address.PrefixLength);
            if (found is null && (_options.Subnet is null || _options.Subnet == subnet))
            {
                found = subnet;
            }
            else
            {
                batch.DeleteAddress(address, ignoreMissing: true);
            }
        }

        _links.Execute(batch);
        return found;
    }

    private IPv4Prefix ChooseSubnet()
    {
        if (_options.Subnet is { } wanted)
        {
            return wanted;
        }

        var used = new List<IPv4Prefix>();
        foreach (AddressEntry address in _links.GetAddresses())
        {
            Add(address.Address, address.PrefixLength);
        }

        foreach (RouteEntry route in _links.GetRoutes(0))
        {
            Add(route.Destination.BaseAddress, route.Destination.PrefixLength);
        }

        return SubnetPicker.Pick(SubnetPicker.DefaultCandidates(), used)
            ?? throw new OverlayException($"No subnet is free for the gateway {_options.Name}: the host's routes overlap all of 172.18.0.0/16 to 172.31.0.0/16 and 192.168.0.0/16; give one explicitly.");

        void Add(IPAddress address, int length)
        {
            if (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
            {
                used.Add(new IPv4Prefix(address, length));
            }
        }
    }

    /// <summary>The address of the link whose other end is this interface; null when it is not one of ours.</summary>
    private static IPAddress? FindAddress(IReadOnlyList<LinkEntry> links, LinkEntry? target)
    {
        LinkEntry? port = target is null ? null : links.FirstOrDefault(link => link.Index == target!.Link && link.Link == target.Index);
        return port is null ? null : VethPair.AddressOf(port, PortPrefix)?.ToIPAddress();
    }

    private IPAddress Allocate(IReadOnlyList<LinkEntry> links)
    {
        var pool = new AddressPool(Subnet, _lastAddress);
        pool.Reserve(Gateway);
        foreach (uint address in Addresses(links))
        {
            pool.Reserve(address.ToIPAddress());
        }

        IPAddress allocated = pool.Allocate();
        _lastAddress = allocated.ToUInt32();
        return allocated;
    }

    private NfTablesBatch Rules()
    {
        const uint DestinationTranslated = 0x20;
        var batch = new NfTablesBatch();
        batch.ReplaceTable(_table)
            .AddBaseChain(_table, "raw_prerouting", NfChainType.Filter, NfHook.Prerouting, NfPriority.Raw)
            .AddBaseChain(_table, "forward", NfChainType.Filter, NfHook.Forward, NfPriority.Filter)
            .AddBaseChain(_table, "postrouting", NfChainType.Nat, NfHook.Postrouting, NfPriority.SourceNat);

        // route_localnet is on for published ports; nobody attached may use it to reach the host's 127.0.0.1.
        Attached(batch.AddRule(_table, "raw_prerouting"), NfMetaKey.InInterfaceName, NfCompare.Equal)
            .Ipv4Destination(NfRegister.R0).InSubnet(NfRegister.R0, NfCompare.Equal, 0x7f000000, 8).Verdict(NfVerdict.Drop).End();

        // Between attached namespaces only by published ports.
        Attached(Attached(batch.AddRule(_table, "forward"), NfMetaKey.InInterfaceName, NfCompare.Equal), NfMetaKey.OutInterfaceName, NfCompare.Equal)
            .ConntrackNone(NfCtKey.Status, DestinationTranslated).Verdict(NfVerdict.Drop).End();

        Attached(batch.AddRule(_table, "postrouting"), NfMetaKey.OutInterfaceName, NfCompare.NotEqual)
            .Ipv4Source(NfRegister.R0).InSubnet(NfRegister.R0, NfCompare.Equal, Subnet.NetworkValue, Subnet.Length).Masquerade().End();
        // By a published port back to one that is attached: it must not see an address that it has itself.
        Attached(batch.AddRule(_table, "postrouting"), NfMetaKey.OutInterfaceName, NfCompare.Equal)
            .ConntrackAny(NfCtKey.Status, DestinationTranslated)
            .Ipv4Source(NfRegister.R0).InSubnet(NfRegister.R0, NfCompare.Equal, Subnet.NetworkValue, Subnet.Length).Masquerade().End();
        return batch;
    }

    private VethPair PairOf(NetworkNamespace target, string interfaceName, IPAddress address) => new()
    {
        PortPrefix = PortPrefix,
        Target = target,
        InterfaceName = interfaceName,
        Address = address,
        PrefixLength = Subnet.Length,
        Mac = address.ToMac(),
        Mtu = _options.Mtu,
        Routes = [(new IPNetwork(IPAddress.Any, 0), Gateway)],
    };

    /// <summary>Tests for the interfaces of attached namespaces by the start of their names (nft: "swgw*").</summary>
    private static NfRule Attached(NfRule rule, NfMetaKey key, NfCompare comparison) =>
        rule.Meta(key, NfRegister.Reg1).Compare(NfRegister.Reg1, comparison, "swgw"u8);

    /// <summary>The way from the host to one attached namespace, also for what comes from 127.0.0.1 to a published port.</summary>
    private void AddHostRoute(IPAddress address)
    {
        string port = VethPair.PortOf(PortPrefix, address);
        HostSysctl.TrySet(_options.Namespace, $"net/ipv4/conf/{port}/route_localnet", "1");
        _links.Execute(new RtnetlinkBatch().ReplaceRoute(new RouteEntry
        {
            Destination = new IPNetwork(address, 32),
            Link = _links.GetLink(port).Index,
            Source = Gateway,
        }));
    }
}
