using System.Net;
using System.Net.Sockets;
using SwarmNet.Dns;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Overlay.Mesh;
using MeshPort = SwarmNet.Overlay.Mesh.PublishedPort;

namespace SwarmNet.Agent.Network;

/// <summary>
/// What the endpoints of one network mean: names and their addresses, virtual addresses and who answers them, published ports and who serves
/// them. A pure function of the endpoint records; every node that has the same records computes the same.
/// </summary>
public sealed class NetworkNames
{
    private readonly Dictionary<string, List<IPAddress>> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<IPAddress, string> _reverse = [];
    private readonly Dictionary<IPAddress, VirtualService> _virtual = [];
    private readonly Dictionary<PublishedPortKey, MeshPort> _published = [];

    private NetworkNames()
    {
    }

    /// <summary>Names (without regard to case) and their addresses: services, <c>tasks.</c>services, aliases, tasks.</summary>
    public IReadOnlyDictionary<string, List<IPAddress>> Names => _names;

    /// <summary>The task's name behind an address.</summary>
    public IReadOnlyDictionary<IPAddress, string> Reverse => _reverse;

    /// <summary>Virtual addresses and the endpoints that answer them; those that are stopping are drained.</summary>
    public IReadOnlyDictionary<IPAddress, VirtualService> VirtualServices => _virtual;

    /// <summary>Published ports and the endpoints (with target port) that serve them; those that are stopping are drained.</summary>
    public IReadOnlyDictionary<PublishedPortKey, MeshPort> PublishedPorts => _published;

    /// <summary>Computes the meaning of <paramref name="endpoints"/>. Two records of one address (an owner that restarted) count once.</summary>
    public static NetworkNames Of(IEnumerable<NetworkEndpoint> endpoints)
    {
        var result = new NetworkNames();
        var ordered = endpoints.OrderBy(e => e.Address, AddressComparer.Instance).ThenBy(e => e.Id, StringComparer.Ordinal).ToList();
        foreach (var endpoint in ordered.Where(e => !e.IsDisabled))
        {
            result.AddNames(endpoint);
        }

        // Those that serve before those that only finish what they have: of two records of one address the first counts.
        result.AddBackends([.. ordered.Where(e => e.ServiceId.Length > 0).OrderBy(e => e.IsDisabled)]);
        return result;
    }

    /// <summary>The names as a resolver serves them.</summary>
    internal ZoneNetwork ToZone(string networkName)
    {
        var zone = new ZoneNetwork(networkName);
        foreach (var (name, addresses) in _names)
        {
            addresses.ForEach(address => zone.Add(name, address));
        }

        foreach (var (address, name) in _reverse)
        {
            zone.AddReverse(address, name);
        }

        return zone;
    }

    private void AddNames(NetworkEndpoint endpoint)
    {
        AddNames(endpoint, endpoint.Address, endpoint.VirtualIp ?? endpoint.Address);
        if (endpoint.Address6 is { } address6)
        {
            AddNames(endpoint, address6, endpoint.VirtualIp6 ?? address6);
        }
    }

    private void AddNames(NetworkEndpoint endpoint, IPAddress own, IPAddress service)
    {
        AddName(endpoint.Name, own);
        foreach (var alias in endpoint.TaskAliases)
        {
            AddName(alias, own);
        }

        if (endpoint.Name.Length > 0)
        {
            _reverse.TryAdd(own, endpoint.Name);
        }

        if (endpoint.ServiceId.Length == 0)
        {
            return;
        }

        foreach (var name in endpoint.Aliases.Prepend(endpoint.ServiceName))
        {
            AddName(name, service);
            AddName("tasks." + name, own);
        }
    }

    private void AddBackends(IReadOnlyList<NetworkEndpoint> endpoints)
    {
        AddVirtual(endpoints, static e => e.VirtualIp, static e => e.Address);
        AddVirtual(endpoints, static e => e.VirtualIp6, static e => e.Address6);

        foreach (var port in endpoints.SelectMany(e => e.Ports.Select(p => (Port: p, Endpoint: e))).GroupBy(p => new PublishedPortKey(p.Port.Protocol, p.Port.Published)))
        {
            var backends = port.DistinctBy(p => (p.Endpoint.Address, p.Port.Target))
                .Select(p => new PortBackend(p.Endpoint.Address, p.Port.Target, WeightOf(p.Endpoint)) { TranslatesSource = !p.Endpoint.Policy.ShowsSource });
            _published.Add(port.Key, new MeshPort((ProtocolType)port.Key.Protocol, port.Key.Port, [.. backends])
            {
                Affinity = AffinityOf(port.Select(p => p.Endpoint)),
                Timeouts = TimeoutsOf(port.Select(p => p.Endpoint)),
            });
        }
    }

    private void AddVirtual(IReadOnlyList<NetworkEndpoint> endpoints, Func<NetworkEndpoint, IPAddress?> vipOf, Func<NetworkEndpoint, IPAddress?> addressOf)
    {
        foreach (var service in endpoints.Where(e => vipOf(e) is not null && addressOf(e) is not null).GroupBy(e => vipOf(e)!))
        {
            // Records come from elsewhere: an address that is virtual in both families would be nonsense, and no reason to fail.
            _virtual.TryAdd(service.Key, new VirtualService(service.Key, [.. service.DistinctBy(addressOf).Select(e => new Backend(addressOf(e)!, WeightOf(e)))])
            {
                Affinity = AffinityOf(service),
                Timeouts = TimeoutsOf(service),
            });
        }
    }

    /// <summary>While a task is left, even one that is stopping, its service keeps its place: connections are refused, not lost.</summary>
    private static int WeightOf(NetworkEndpoint endpoint) => endpoint.IsDisabled ? 0 : endpoint.Policy.Weight;

    // Tasks of one service say the same, save while it is updated.
    private static ClientAffinity? AffinityOf(IEnumerable<NetworkEndpoint> endpoints) => endpoints.Select(e => e.Policy.Affinity).FirstOrDefault(a => a is not null);

    private static FlowTimeouts? TimeoutsOf(IEnumerable<NetworkEndpoint> endpoints) => endpoints.Select(e => e.Policy.Timeouts).FirstOrDefault(t => t is not null);

    private void AddName(string name, IPAddress address)
    {
        if (name.Length == 0)
        {
            return;
        }

        if (!_names.TryGetValue(name, out var addresses))
        {
            _names.Add(name, addresses = []);
        }

        if (!addresses.Contains(address))
        {
            addresses.Add(address);
        }
    }
}

/// <summary>A published port of the mesh.</summary>
/// <param name="Protocol">IP protocol number.</param>
/// <param name="Port">Port on every node.</param>
public readonly record struct PublishedPortKey(byte Protocol, ushort Port);

internal sealed class AddressComparer : IComparer<IPAddress>
{
    public static readonly AddressComparer Instance = new();

    public int Compare(IPAddress? x, IPAddress? y)
    {
        Span<byte> a = stackalloc byte[16], b = stackalloc byte[16];
        x!.TryWriteBytes(a, out var lengthA);
        y!.TryWriteBytes(b, out var lengthB);
        return lengthA != lengthB ? lengthA - lengthB : a[..lengthA].SequenceCompareTo(b[..lengthB]);
    }
}
