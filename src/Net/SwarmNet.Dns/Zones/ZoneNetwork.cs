using System.Net;

namespace SwarmNet.Dns;

/// <summary>The names of one network: the input from which a <see cref="ZoneView"/> is made.</summary>
public sealed class ZoneNetwork
{
    private readonly Dictionary<string, List<IPAddress>> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<UInt128, string> _reverse = [];

    /// <summary>Starts a network without names.</summary>
    /// <param name="name">Name that <c>NAME.NETWORK</c> restricts a lookup to.</param>
    public ZoneNetwork(string name) => Name = name;

    /// <summary>The network's name.</summary>
    public string Name { get; }

    internal IReadOnlyDictionary<string, List<IPAddress>> Names => _names;

    internal IReadOnlyDictionary<UInt128, string> Reverse => _reverse;

    /// <summary>Gives a name an address; a name can have many, of both families. Duplicates count once.</summary>
    public ZoneNetwork Add(string name, IPAddress address)
    {
        if (!_names.TryGetValue(name, out List<IPAddress>? addresses))
        {
            _names.Add(name, addresses = []);
        }

        if (!addresses.Contains(address))
        {
            addresses.Add(address);
        }

        return this;
    }

    /// <summary>Lets PTR of <paramref name="address"/> answer <paramref name="name"/><c>.NETWORK</c>; the first one wins.</summary>
    public ZoneNetwork AddReverse(IPAddress address, string name)
    {
        _reverse.TryAdd(ReverseName.KeyOf(address), $"{name}.{Name}");
        return this;
    }
}
