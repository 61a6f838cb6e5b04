using System.Net;
using SwarmNet.Dns;

namespace SwarmNet.Agent.Network;

/// <summary>
/// What the endpoints of one network mean: names and their addresses, virtual addresses and who answers them, published ports and who serves
/// them. A pure function of the endpoint records; every node that has the same records computes the same.
/// </summary>
public sealed class NetworkNames
{
    private readonly Dictionary<string, List<IPAddress>> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<IPAddress, string> _reverse = [];
    private readonly Dictionary<IPAddress, List<IPAddress>> _virtual = [];
    private readonly Dictionary<PublishedPortKey, List<IPEndPoint>> _published = [];

    private NetworkNames()
    {
    }

    /// <summary>Names (without regard to case) and their addresses: services, <c>tasks.</c>services, aliases, tasks.</summary>
    public IReadOnlyDictionary<string, List<IPAddress>> Names => _names;

    /// <summary>The task's name behind an address.</summary>
    public IReadOnlyDictionary<IPAddress, string> Reverse => _reverse;

    /// <summary>Virtual addresses and the endpoints that take turns answering them.</summary>
    public IReadOnlyDictionary<IPAddress, List<IPAddress>> VirtualServices => _virtual;

    /// <summary>Published ports and the endpoints (with target port) that take turns serving them.</summary>
    public IReadOnlyDictionary<PublishedPortKey, List<IPEndPoint>> PublishedPorts => _published;

    /// <summary>Computes the meaning of <paramref name="endpoints"/>. Two records of one address (an owner that restarted) count once.</summary>
    public static NetworkNames Of(IEnumerable<NetworkEndpoint> endpoints)
    {
        var result = new NetworkNames();
        var ordered = endpoints.OrderBy(e => e.Address, AddressComparer.Instance).ThenBy(e => e.Id, StringComparer.Ordinal).ToList();
        foreach (var endpoint in ordered)
        {
            if (endpoint.VirtualIp is { } vip && endpoint.ServiceId.Length > 0)
            {
                // A virtual address keeps its place while one task is left, even a disabled one: connections are refused, not lost.
                result._virtual.TryAdd(vip, []);
            }

            if (!endpoint.IsDisabled)
            {
                result.Add(endpoint);
            }
        }

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

    private void Add(NetworkEndpoint endpoint)
    {
        AddName(endpoint.Name, endpoint.Address);
        foreach (var alias in endpoint.TaskAliases)
        {
            AddName(alias, endpoint.Address);
        }

        if (endpoint.Name.Length > 0)
        {
            _reverse.TryAdd(endpoint.Address, endpoint.Name);
        }

        if (endpoint.ServiceId.Length == 0)
        {
            return;
        }

        foreach (var name in endpoint.Aliases.Prepend(endpoint.ServiceName))
        {
            AddName(name, endpoint.VirtualIp ?? endpoint.Address);
            AddName("tasks." + name, endpoint.Address);
        }

        if (endpoint.VirtualIp is { } vip && !_virtual[vip].Contains(endpoint.Address))
        {
            _virtual[vip].Add(endpoint.Address);
        }

        foreach (var port in endpoint.Ports)
        {
            var key = new PublishedPortKey(port.Protocol, port.Published);
            var backend = new IPEndPoint(endpoint.Address, port.Target);
            if (!_published.TryGetValue(key, out var backends))
            {
                _published.Add(key, backends = []);
            }

            if (!backends.Contains(backend))
            {
                backends.Add(backend);
            }
        }
    }

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
