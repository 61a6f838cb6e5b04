using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Networks;

/// <summary>
/// One VXLAN network on one host: a namespace with a bridge (<c>br0</c>) and a tunnel device (<c>vxlan0</c>) for each subnet, to which local
/// endpoints are attached and in which remote endpoints are entered. Nothing is learned and nothing is flooded over the tunnel:
/// addresses of known peers are answered locally, unknown ones not at all.
/// </summary>
/// <remarks>
/// Everything is found by its namespace path and link names, so an object opened over what an earlier process left goes on with
/// it and traffic is not interrupted. Thread-safe; calls block for microseconds to a few milliseconds.
/// </remarks>
public sealed class OverlayNetwork : IDisposable
{
    private const string PortPrefix = "ep";

    /// <summary>A bridge and what hangs on it take three rounds; more differ only when somebody else changes them at the same time.</summary>
    private const int MaxRounds = 6;

    private readonly OverlayNetworkOptions _options;
    private readonly IReadOnlyList<OverlaySubnet> _subnets;
    private readonly Lock _lock = new();
    private readonly Rtnetlink _links;
    private readonly NetworkKernel _kernel;

    /// <summary>Endpoints on this host: IPv4 address, and IPv6 address where there is one.</summary>
    private readonly Dictionary<IPAddress, IPAddress?> _endpoints = [];
    private OverlayPeer[]? _peers;

    /// <summary>What is in force, by subnet; null = unknown.</summary>
    private Dictionary<int, ForwardingState>? _current;

    private OverlayNetwork(OverlayNetworkOptions options, NetworkNamespace ns, Rtnetlink links)
    {
        _options = options;
        _subnets = options.Subnets;
        Namespace = ns;
        _links = links;
        _kernel = new NetworkKernel(options, ns, links);
        Converge([]);
        LoadEndpoints();
    }

    /// <summary>The network's own namespace; owned by this object.</summary>
    public NetworkNamespace Namespace { get; }

    /// <summary>What this network is.</summary>
    public OverlayNetworkOptions Options => _options;

    /// <summary>IPv4 addresses of the endpoints on this host, also of those that an earlier process attached.</summary>
    public IReadOnlyList<IPAddress> Endpoints
    {
        get
        {
            lock (_lock)
            {
                return [.. _endpoints.Keys.OrderBy(static address => address.ToUInt32())];
            }
        }
    }

    /// <summary>The MAC address that endpoints have unless told otherwise: 02:42 and the four bytes of the IPv4 address.</summary>
    public static MacAddress MacOf(IPAddress endpointIp) => endpointIp.ToMac();

    /// <summary>Makes the network on this host, or adopts what is there; a tunnel device with other settings is replaced. Of a network that cannot be made nothing is left.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    /// <exception cref="OverlayException">
    /// The VNI is in use, a new network's addresses collide with a route or an address of the host, or the kernel lacks a feature; the message names it and the way out.
    /// </exception>
    public static OverlayNetwork Open(OverlayNetworkOptions options)
    {
        options.Check();
        (NetworkNamespace ns, bool isNew) = OpenOrCreate(options);
        Rtnetlink? links = null;
        try
        {
            links = Rtnetlink.Open(ns);
            return new OverlayNetwork(options, ns, links);
        }
        catch (Exception e)
        {
            if (isNew && links is not null)
            {
                // Now, not with the namespace: its VNIs may be needed at once.
                DeleteTunnels(links);
            }

            links?.Dispose();
            ns.Dispose();
            if (isNew)
            {
                NetworkNamespace.Delete(options.NamespacePath);
            }

            if (e is NetlinkException or LinuxException)
            {
                Exception explained = KernelSupport.Explained($"Network {options.Id} cannot be made", e);
                if (explained != e)
                {
                    throw explained;
                }
            }

            throw;
        }
    }

    /// <summary>Removes a network that an earlier process left and to which nothing is attached any more.</summary>
    /// <param name="namespacePath">Its namespace.</param>
    /// <returns>False when an endpoint is attached: the network stays.</returns>
    public static bool DeleteUnused(string namespacePath)
    {
        if (EndpointNamespace.TryOpen(namespacePath) is { } ns)
        {
            using (ns)
            using (Rtnetlink links = Rtnetlink.Open(ns))
            {
                if (links.GetLinks().Any(static link => VethPair.AddressOf(link, PortPrefix) is not null))
                {
                    return false;
                }

                DeleteTunnels(links);
            }
        }

        NetworkNamespace.Delete(namespacePath);
        return true;
    }

    /// <summary>
    /// Enters these, and only these, remote endpoints. Peers on this host (their VTEP is the local one) and outside the subnets are ignored, so that the
    /// whole network's endpoints may be passed. What does not change is not touched; the same list in the same order again costs no system call and no
    /// allocation.
    /// </summary>
    /// <returns>Number of kernel entries that changed.</returns>
    public int SetPeers(IReadOnlyCollection<OverlayPeer> peers)
    {
        lock (_lock)
        {
            if (_current is not null && IsSame(_peers, peers))
            {
                return 0;
            }

            _peers = [.. peers];
            return ApplyPeers();
        }
    }

    /// <summary>Gives a namespace an interface on the network. Idempotent; completes what an earlier process began.</summary>
    /// <param name="target">The endpoint's namespace; need not stay open.</param>
    /// <param name="interfaceName">Name of the interface there, for example <c>eth0</c>.</param>
    /// <param name="address">Its IPv4 address, inside a subnet and not used elsewhere.</param>
    /// <param name="mac">Its MAC address; null = <see cref="MacOf"/>.</param>
    /// <param name="address6">Its IPv6 address, inside <see cref="OverlayNetworkOptions.IPv6Subnet"/>; null = none.</param>
    /// <exception cref="OverlayException">The target has another interface of that name.</exception>
    public void AttachEndpoint(NetworkNamespace target, string interfaceName, IPAddress address, MacAddress? mac = null, IPAddress? address6 = null)
    {
        lock (_lock)
        {
            VethPair pair = PairOf(target, interfaceName, address, mac, address6);
            bool added = _endpoints.TryAdd(address, address6);
            _endpoints[address] = address6;
            try
            {
                if (added && _peers is not null)
                {
                    ApplyPeers(); // it may have been a peer until now
                }

                using Rtnetlink targetSide = Rtnetlink.Open(target);
                pair.Ensure(_links, targetSide);
            }
            catch (Exception e)
            {
                if (added)
                {
                    _endpoints.Remove(address);
                    _current = null; // a peer of this address is wanted again
                }

                if (e is NetlinkException)
                {
                    Exception explained = KernelSupport.Explained($"An endpoint of network {_options.Id} cannot be made", e);
                    if (explained != e)
                    {
                        throw explained;
                    }
                }

                throw;
            }
        }
    }

    /// <summary>Removes an endpoint's interface. One that is gone already (with its namespace) is no error.</summary>
    public void DetachEndpoint(IPAddress address)
    {
        lock (_lock)
        {
            _endpoints.Remove(address);
            _links.Execute(new RtnetlinkBatch().DeleteLink(VethPair.PortOf(PortPrefix, address), ignoreMissing: true));
            if (_peers is not null)
            {
                ApplyPeers();
            }
        }
    }

    /// <summary>
    /// Compares the kernel with what is wanted: settings, links, addresses, neighbours and forwarding entries; puts differences right and verifies that they are.
    /// </summary>
    /// <returns>What was different; of peers nothing before the first <see cref="SetPeers"/>.</returns>
    /// <exception cref="OverlayException">Something does not take what is wanted.</exception>
    public IReadOnlyList<Repair> Repair()
    {
        lock (_lock)
        {
            var repairs = new List<Repair>();
            _current = null;
            Converge(repairs);
            return repairs;
        }
    }

    /// <summary>As <see cref="Repair"/>, but changes nothing.</summary>
    public IReadOnlyList<Repair> Inspect()
    {
        lock (_lock)
        {
            WantedNetwork wanted = Wanted();
            return [.. NetworkPlanner.Plan(wanted, _kernel.Observe(wanted)).Select(static change => change.Repair)];
        }
    }

    /// <summary>
    /// Compares both ends of an endpoint's interface with what is wanted and puts differences right, a missing pair included; drops what the endpoint still
    /// believes of peers and is wrong. What the target has beside is left alone.
    /// </summary>
    /// <param name="target">As for <see cref="AttachEndpoint"/>, like the others.</param>
    /// <param name="interfaceName">Name of the interface.</param>
    /// <param name="address">Its IPv4 address.</param>
    /// <param name="mac">Its MAC address.</param>
    /// <param name="address6">Its IPv6 address.</param>
    /// <param name="inspectOnly">Change nothing.</param>
    /// <returns>What was different.</returns>
    public IReadOnlyList<Repair> RepairEndpoint(
        NetworkNamespace target, string interfaceName, IPAddress address, MacAddress? mac = null, IPAddress? address6 = null, bool inspectOnly = false)
    {
        lock (_lock)
        {
            var repairs = new List<Repair>();
            using Rtnetlink targetSide = Rtnetlink.Open(target);
            (PairOf(target, interfaceName, address, mac, address6) with { IsInspection = inspectOnly }).Ensure(_links, targetSide, repairs);
            if (_peers is not null)
            {
                StaleNeighbours.Drop(targetSide, interfaceName, (_current ?? WantedForwarding()).Values.Select(static state => state.Neighbours), inspectOnly, repairs);
            }

            return repairs;
        }
    }

    /// <summary>
    /// Drops the endpoints whose interfaces are gone with their namespaces: their addresses may be a remote endpoint's now.
    /// </summary>
    /// <returns>Number of endpoints dropped.</returns>
    public int DropLostEndpoints()
    {
        lock (_lock)
        {
            int before = _endpoints.Count;
            _endpoints.Clear();
            LoadEndpoints();
            int lost = before - _endpoints.Count;
            if (lost > 0 && _peers is not null)
            {
                ApplyPeers();
            }

            return lost;
        }
    }

    /// <summary>Removes the network from this host, endpoints' interfaces included, and disposes this object.</summary>
    public void Delete()
    {
        lock (_lock)
        {
            // The namespace's links would go later, in the background; until then the VNI would count as in use
            // and endpoints would keep their interfaces.
            _links.Execute(new RtnetlinkBatch().DeleteGroup(NetworkPlanner.EndpointGroup));
            DeleteTunnels(_links);
            Dispose();
            NetworkNamespace.Delete(_options.NamespacePath);
        }
    }

    /// <summary>Closes the descriptors; the network stays and works.</summary>
    public void Dispose()
    {
        _links.Dispose();
        Namespace.Dispose();
    }

    private static void DeleteTunnels(Rtnetlink links)
    {
        var batch = new RtnetlinkBatch();
        foreach (LinkEntry tunnel in links.GetLinks().Where(static link => link.Kind == "vxlan"))
        {
            batch.DeleteLink(tunnel.Name, ignoreMissing: true);
        }

        links.Execute(batch);
    }

    private static (NetworkNamespace Namespace, bool IsNew) OpenOrCreate(OverlayNetworkOptions options)
    {
        try
        {
            return (NetworkNamespace.Open(options.NamespacePath), false);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.EINVAL)
        {
            using Rtnetlink host = Rtnetlink.Open(options.HostNamespace);
            IEnumerable<IPNetwork> subnets = options.Subnets.Select(static subnet => new IPNetwork(subnet.Subnet.Network, subnet.Subnet.Length));
            foreach (IPNetwork subnet in options.IPv6Subnet is { } ipv6 ? subnets.Append(ipv6) : subnets)
            {
                if (HostRoutes.FindCollision(subnet, host.GetRoutes(), host.GetAddresses(), host.GetLinks()) is { } collision)
                {
                    throw new OverlayException(
                        $"The subnet {subnet} of network {options.Id} overlaps {collision} of this host, which its endpoints could not reach then: give the network another subnet.");
                }
            }

            NetworkNamespace.Delete(options.NamespacePath); // a plain file, when an earlier process died in between
            return (NetworkNamespace.Create(options.NamespacePath), true);
        }
    }

    private void LoadEndpoints()
    {
        foreach (LinkEntry link in _links.GetLinks())
        {
            if (VethPair.AddressOf(link, PortPrefix) is { } address)
            {
                _endpoints[address.ToIPAddress()] = VethPair.Address6Of(link);
            }
        }
    }

    private VethPair PairOf(NetworkNamespace target, string interfaceName, IPAddress address, MacAddress? mac, IPAddress? address6)
    {
        OverlaySubnet subnet = SubnetOf(address) ?? throw new ArgumentException(
            $"The address {address} is outside the subnet {string.Join(", ", _subnets.Select(static s => s.Subnet))} of network {_options.Id}.", nameof(address));
        if (address6 is not null && _options.IPv6Subnet?.Contains(address6) != true)
        {
            throw new ArgumentException($"The address {address6} is outside the IPv6 subnet {_options.IPv6Subnet?.ToString() ?? "(none)"} of network {_options.Id}.", nameof(address6));
        }

        return new VethPair
        {
            PortPrefix = PortPrefix,
            Bridge = _links.FindLink(subnet.Bridge)?.Index ?? 0, // 0: missing, which is another repair
            Target = target,
            InterfaceName = interfaceName,
            Address = address,
            PrefixLength = subnet.Subnet.Length,
            Mac = mac ?? MacOf(address),
            Address6 = address6,
            PrefixLength6 = _options.IPv6Subnet?.PrefixLength ?? 0,
            Mtu = _options.Mtu,
            Group = NetworkPlanner.EndpointGroup,
            Routes = [.. _subnets.Where(other => other.Number != subnet.Number)
                .Select(other => (new IPNetwork(other.Subnet.Network, other.Subnet.Length), subnet.Gateway))],
        };
    }

    private OverlaySubnet? SubnetOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? _subnets.FirstOrDefault(subnet => subnet.Subnet.Contains(address))
        : _options.IPv6Subnet?.Contains(address) == true ? _subnets[0] : null;

    private WantedNetwork Wanted() => new(_options)
    {
        Ports = _endpoints.Keys.ToDictionary(static address => VethPair.PortOf(PortPrefix, address), address => SubnetOf(address)!),
        Forwarding = _peers is null ? new Dictionary<int, ForwardingState>() : WantedForwarding(),
    };

    private Dictionary<int, ForwardingState> WantedForwarding()
    {
        HashSet<IPAddress> local = [.. _endpoints.Keys, .. _endpoints.Values.OfType<IPAddress>()];
        return _subnets.ToDictionary(
            static subnet => subnet.Number,
            subnet => ForwardingState.Of(_peers!.Where(peer => SubnetOf(peer.EndpointIp) == subnet), _options.LocalVtep, local));
    }

    /// <summary>Observes, plans and applies until nothing differs.</summary>
    private void Converge(List<Repair> repairs)
    {
        WantedNetwork wanted = Wanted();
        List<NetworkChange> changes;
        for (int round = 0; (changes = NetworkPlanner.Plan(wanted, _kernel.Observe(wanted))).Count > 0; round++)
        {
            if (round == MaxRounds)
            {
                throw new OverlayException($"The network {_options.Id} does not become what is wanted: {changes[0].Repair}; does somebody else change it?");
            }

            _kernel.Apply(changes);
            repairs.AddRange(changes.Select(static change => change.Repair));
        }

        _current = _peers is null ? null : (Dictionary<int, ForwardingState>)wanted.Forwarding;
    }

    private static bool IsSame(OverlayPeer[]? before, IReadOnlyCollection<OverlayPeer> peers)
    {
        if (before is null || before.Length != peers.Count || peers is not IReadOnlyList<OverlayPeer> list)
        {
            return false;
        }

        for (int i = 0; i < before.Length; i++)
        {
            if (!before[i].Equals(list[i]))
            {
                return false;
            }
        }

        return true;
    }

    private int ApplyPeers()
    {
        Dictionary<int, ForwardingState> wanted = WantedForwarding();
        int count = 0;
        Dictionary<int, ForwardingState>? current = _current;
        _current = null; // unknown until the kernel has taken all of it
        foreach (OverlaySubnet subnet in _subnets)
        {
            int tunnel = _links.GetLink(subnet.Tunnel).Index;
            IReadOnlyList<ForwardingChange> changes = ForwardingDiff.Compute(
                current?[subnet.Number] ?? ForwardingKernel.Load(_links, tunnel), wanted[subnet.Number]);
            if (changes.Count > 0)
            {
                var batch = new RtnetlinkBatch(64 * changes.Count);
                ForwardingKernel.Append(batch, tunnel, changes);
                _links.Execute(batch);
                count += changes.Count;
            }
        }

        _current = wanted;
        return count;
    }
}
