using System.Diagnostics.CodeAnalysis;

namespace SwarmNet.Dns;

/// <summary>
/// What one namespace may resolve: an immutable snapshot of the names of its networks, in lookup order. Make a new one for every
/// change and swap it in.
/// </summary>
public sealed class ZoneView
{
    private readonly Table[] _tables;
    private readonly Dictionary<UInt128, byte[]> _reverse = [];

    /// <summary>Compiles the networks; the first one that knows a name answers.</summary>
    public ZoneView(IEnumerable<ZoneNetwork> networks)
    {
        var tables = new List<Table>();
        Span<byte> wire = stackalloc byte[DnsName.MaxWireLength];
        foreach (ZoneNetwork network in networks)
        {
            tables.Add(new Table(network));
            foreach ((UInt128 address, string name) in network.Reverse)
            {
                // A name that no DNS message can carry has no PTR.
                if (DnsName.TryWrite(name, wire, out int length))
                {
                    _reverse.TryAdd(address, wire[..length].ToArray());
                }
            }
        }

        _tables = [.. tables];
    }

    /// <summary>Knows nothing: everything is forwarded.</summary>
    public static ZoneView Empty { get; } = new([]);

    /// <summary>
    /// Looks up <c>a.b.c</c>: as it is in every network; then <c>a.b</c> in network <c>c</c>; then <c>a</c> in network <c>b.c</c>.
    /// </summary>
    internal bool TryFind(ReadOnlySpan<char> name, [NotNullWhen(true)] out ZoneAddresses? addresses)
    {
        foreach (Table table in _tables)
        {
            if (table.TryFind(name, out addresses))
            {
                return true;
            }
        }

        ReadOnlySpan<char> head = name;
        while (head.LastIndexOf('.') is var dot and > 0)
        {
            head = head[..dot];
            ReadOnlySpan<char> network = name[(dot + 1)..];
            foreach (Table table in _tables)
            {
                if (network.Equals(table.Name, StringComparison.OrdinalIgnoreCase) && table.TryFind(head, out addresses))
                {
                    return true;
                }
            }
        }

        addresses = null;
        return false;
    }

    /// <summary>The name on the wire that PTR of an address answers.</summary>
    internal bool TryFindReverse(UInt128 address, [NotNullWhen(true)] out byte[]? name) => _reverse.TryGetValue(address, out name);

    private sealed class Table
    {
        // Matching ignores case (RFC 4343).
        private readonly Dictionary<string, ZoneAddresses>.AlternateLookup<ReadOnlySpan<char>> _lookup;

        internal Table(ZoneNetwork network)
        {
            Name = network.Name;
            var names = new Dictionary<string, ZoneAddresses>(StringComparer.OrdinalIgnoreCase);
            foreach ((string name, List<System.Net.IPAddress> addresses) in network.Names)
            {
                names.Add(name, new ZoneAddresses(addresses));
            }

            _lookup = names.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        internal string Name { get; }

        internal bool TryFind(ReadOnlySpan<char> name, [NotNullWhen(true)] out ZoneAddresses? addresses) =>
            _lookup.TryGetValue(name, out addresses);
    }
}
