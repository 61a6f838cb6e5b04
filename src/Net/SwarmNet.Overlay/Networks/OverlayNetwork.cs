using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

/// <summary>
/// One VXLAN network on one host: a namespace with a bridge (<c>br0</c>) and a tunnel device (<c>vxlan0</c>), to which local
/// endpoints are attached and in which remote endpoints are entered. Nothing is learned and nothing is flooded over the tunnel:
/// addresses of known peers are answered locally, unknown ones not at all.
/// </summary>
/// <remarks>
/// Everything is found by its namespace path and link names, so an object opened over what an earlier process left goes on with
/// it and traffic is not interrupted. Thread-safe; calls block for microseconds to a few milliseconds.
/// </remarks>
public sealed class OverlayNetwork : IDisposable
{
    private const string BridgeName = "br0";
    private const string TunnelName = "vxlan0";
    private const string PortPrefix = "ep";

    // Of endpoint ports only, in a namespace that is ours alone.
    private const int EndpointGroup = 1;

    private readonly OverlayNetworkOptions _options;
    private readonly Lock _lock = new();
    private readonly Rtnetlink _links;
    private readonly HashSet<uint> _endpoints = [];
    private readonly int _bridge;
    private readonly int _tunnel;
    private IReadOnlyCollection<OverlayPeer>? _peers;
    private ForwardingState? _current;

    private OverlayNetwork(OverlayNetworkOptions options, NetworkNamespace ns, Rtnetlink links)
    {
        _options = options;
        Namespace = ns;
        _links = links;
        (_bridge, _tunnel) = new OverlayNetworkBuilder(options, ns, links).Build(BridgeName, TunnelName);
        _endpoints.UnionWith(AttachedTo(links));
    }

    /// <summary>The network's own namespace; owned by this object.</summary>
    public NetworkNamespace Namespace { get; }

    /// <summary>What this network is.</summary>
    public OverlayNetworkOptions Options => _options;

    /// <summary>Addresses of the endpoints on this host, also of those that an earlier process attached.</summary>
    public IReadOnlyList<IPAddress> Endpoints
    {
        get
        {
            lock (_lock)
            {
                return [.. _endpoints.Order().Select(static address => address.ToIPAddress())];
            }
        }
    }

    /// <summary>The MAC address that endpoints have unless told otherwise: 02:42 and the four bytes of the IPv4 address.</summary>
    public static MacAddress MacOf(IPAddress endpointIp) => endpointIp.ToMac();

    /// <summary>Makes the network on this host, or adopts what is there; a tunnel device with other settings is replaced.</summary>
    /// <exception cref="OverlayException">The VNI is in use by another network of this host.</exception>
    public static OverlayNetwork Open(OverlayNetworkOptions options)
    {
        if (options.Vni is 0 or > 0xffffff)
        {
            throw new ArgumentException($"The VNI {options.Vni} of network {options.Id} must be from 1 to 16777215.", nameof(options));
        }

        if (!options.Subnet.Contains(options.Gateway))
        {
            throw new ArgumentException($"The gateway {options.Gateway} of network {options.Id} is outside its subnet {options.Subnet}.", nameof(options));
        }

        NetworkNamespace ns = OpenOrCreate(options.NamespacePath);
        Rtnetlink? links = null;
        try
        {
            links = Rtnetlink.Open(ns);
            return new OverlayNetwork(options, ns, links);
        }
        catch
        {
            links?.Dispose();
            ns.Dispose();
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
                if (AttachedTo(links).Any())
                {
                    return false;
                }

                // Now, not with the namespace: its VNI may be needed at once.
                links.Execute(new RtnetlinkBatch().DeleteLink(TunnelName, ignoreMissing: true));
            }
        }

        NetworkNamespace.Delete(namespacePath);
        return true;
    }

    /// <summary>
    /// Enters these, and only these, remote endpoints. Peers on this host (their VTEP is the local one) are ignored, so that the
    /// whole network's endpoints may be passed.
    /// </summary>
    /// <returns>Number of kernel entries that changed.</returns>
    public int SetPeers(IReadOnlyCollection<OverlayPeer> peers)
    {
        lock (_lock)
        {
            _peers = peers;
            return ApplyPeers();
        }
    }

    /// <summary>Gives a namespace an interface on the network. Idempotent; completes what an earlier process began.</summary>
    /// <param name="target">The endpoint's namespace; need not stay open.</param>
    /// <param name="interfaceName">Name of the interface there, for example <c>eth0</c>.</param>
    /// <param name="address">Its IPv4 address, inside the subnet and not used elsewhere.</param>
    /// <param name="mac">Its MAC address; null = <see cref="MacOf"/>.</param>
    /// <exception cref="OverlayException">The target has another interface of that name.</exception>
    public void AttachEndpoint(NetworkNamespace target, string interfaceName, IPAddress address, MacAddress? mac = null)
    {
        if (!_options.Subnet.Contains(address))
        {
            throw new ArgumentException($"The address {address} is outside the subnet {_options.Subnet} of network {_options.Id}.", nameof(address));
        }

        lock (_lock)
        {
            using Rtnetlink targetSide = Rtnetlink.Open(target);
            bool added = _endpoints.Add(address.ToUInt32());
            try
            {
                if (added && _peers is not null)
                {
                    ApplyPeers(); // it may have been a peer until now
                }

                new VethPair
                {
                    PortPrefix = PortPrefix,
                    Bridge = _bridge,
                    Target = target,
                    InterfaceName = interfaceName,
                    Address = address,
                    PrefixLength = _options.Subnet.Length,
                    Mac = mac ?? MacOf(address),
                    Mtu = _options.Mtu,
                    Group = EndpointGroup,
                }.Ensure(_links, targetSide);
            }
            catch when (added)
            {
                _endpoints.Remove(address.ToUInt32());
                throw;
            }
        }
    }

    /// <summary>Removes an endpoint's interface. One that is gone already (with its namespace) is no error.</summary>
    public void DetachEndpoint(IPAddress address)
    {
        lock (_lock)
        {
            _endpoints.Remove(address.ToUInt32());
            _links.Execute(new RtnetlinkBatch().DeleteLink(VethPair.PortOf(PortPrefix, address), ignoreMissing: true));
            if (_peers is not null)
            {
                ApplyPeers();
            }
        }
    }

    /// <summary>
    /// Compares the kernel's entries with what was last set, and repairs differences.
    /// </summary>
    /// <returns>Number of entries repaired; 0 also when no peers were set yet.</returns>
    public int Repair()
    {
        lock (_lock)
        {
            _current = null;
            return _peers is null ? 0 : ApplyPeers();
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
            var attached = AttachedTo(_links).ToHashSet();
            int lost = _endpoints.RemoveWhere(address => !attached.Contains(address));
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
            _links.Execute(new RtnetlinkBatch().DeleteGroup(EndpointGroup).DeleteLink(TunnelName, ignoreMissing: true));
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

    private static IEnumerable<uint> AttachedTo(Rtnetlink links) =>
        links.GetLinks().Select(static link => VethPair.AddressOf(link, PortPrefix)).OfType<uint>();

    private static NetworkNamespace OpenOrCreate(string path)
    {
        try
        {
            return NetworkNamespace.Open(path);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.EINVAL)
        {
            NetworkNamespace.Delete(path); // a plain file, when an earlier process died in between
            return NetworkNamespace.Create(path);
        }
    }

    private int ApplyPeers()
    {
        ForwardingState wanted = ForwardingState.Of(_peers!, _options.LocalVtep.ToUInt32(), _endpoints);
        ForwardingState current = _current ?? ForwardingKernel.Load(_links, _tunnel);
        List<ForwardingChange> changes = ForwardingDiff.Compute(current, wanted);
        if (changes.Count > 0)
        {
            _current = null; // unknown until the kernel has taken all of it
            var batch = new RtnetlinkBatch(64 * changes.Count);
            ForwardingKernel.Append(batch, _tunnel, changes);
            _links.Execute(batch);
        }

        _current = wanted;
        return changes.Count;
    }
}
