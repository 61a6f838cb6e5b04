using System.Net;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Allocator;

/// <summary>The addresses of one allocated overlay network, subnet by subnet.</summary>
internal sealed class NetworkAddresses
{
    private readonly List<Subnet> _subnets = [];

    public NetworkAddresses(Network network)
    {
        Network = network;
        foreach (var config in network.Ipam.Configs)
        {
            var subnet = new Subnet(IPNetwork.Parse(config.Subnet), config.Range.Length > 0 ? IPNetwork.Parse(config.Range) : null);
            subnet.TryReserve(IPAddress.Parse(config.Gateway));
            _subnets.Add(subnet);
        }
    }

    public Network Network { get; set; }

    /// <summary>Whether its endpoints have an IPv6 address beside the IPv4 one.</summary>
    public bool HasIPv6 => _subnets.Exists(static subnet => subnet.Prefix.IsIPv6());

    /// <summary>
    /// Takes an address of each family that the network has, in CIDR form, IPv4 first; null, and nothing is taken, when one cannot be had.
    /// </summary>
    /// <param name="asked">The addresses that it must be, at most one of each family; of a family that is not there the next one.</param>
    public IReadOnlyList<string>? TryAllocate(IReadOnlyCollection<string> asked)
    {
        List<string> taken = [];
        foreach (var ipv6 in (IEnumerable<bool>)[false, true])
        {
            var wish = asked.FirstOrDefault(address => address.Contains(':', StringComparison.Ordinal) == ipv6);
            if (wish is null && ipv6 && !HasIPv6)
            {
                continue;
            }

            if ((wish is null ? TryAllocate(ipv6) : TryAllocate(wish)) is not { } address)
            {
                taken.ForEach(Release);
                return null;
            }

            taken.Add(address);
        }

        return taken;
    }

    /// <summary>Takes the next address of a family, in CIDR form; null when there is none.</summary>
    public string? TryAllocate(bool ipv6)
    {
        foreach (var subnet in _subnets)
        {
            if (subnet.Prefix.IsIPv6() == ipv6 && subnet.TryAllocate() is { } address)
            {
                return $"{address}/{subnet.Prefix.PrefixLength}";
            }
        }

        return null;
    }

    /// <summary>Takes this address, in CIDR form or without its length; null when it is taken or lies in no subnet.</summary>
    public string? TryAllocate(string asked) => Find(asked) is { } found && found.Subnet.TryReserve(found.Address)
        ? $"{found.Address}/{found.Subnet.Prefix.PrefixLength}" : null;

    /// <summary>Takes an address in CIDR form; false when it is taken or lies in no subnet.</summary>
    public bool TryReserve(string cidr) => Find(cidr) is { } found && found.Subnet.TryReserve(found.Address);

    public void Release(string cidr)
    {
        if (Find(cidr) is { } found)
        {
            found.Subnet.Release(found.Address);
        }
    }

    private (Subnet Subnet, IPAddress Address)? Find(string cidr)
    {
        var slash = cidr.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? cidr : cidr[..slash], out var address))
        {
            return null;
        }

        foreach (var subnet in _subnets)
        {
            if (subnet.Prefix.Contains(address))
            {
                return (subnet, address);
            }
        }

        return null;
    }

    /// <summary>Addresses are counted from the start of what may be handed out, of which 2^32 are enough.</summary>
    private sealed class Subnet
    {
        private readonly UInt128 _origin;
        private readonly SerialPool _numbers;

        // Taken ones beside those that are handed out: gateways, and what was asked for.
        private readonly HashSet<UInt128> _others = [];

        public Subnet(IPNetwork prefix, IPNetwork? range)
        {
            Prefix = prefix;
            var (first, last) = AddressNumber.Bounds(prefix);
            var pool = range is { } part ? AddressNumber.Bounds(part) : (First: first, Last: last);

            // Neither the network's own address (of IPv6: that of its routers) nor its broadcast address is anybody's.
            _origin = UInt128.Max(pool.First, first + 1);
            _numbers = new SerialPool(0, (uint)UInt128.Min(UInt128.Min(pool.Last, last - 1) - _origin, uint.MaxValue));
        }

        public IPNetwork Prefix { get; }

        public IPAddress? TryAllocate() =>
            _numbers.TryAllocate() is { } number ? AddressNumber.ToAddress(_origin + number, Prefix.BaseAddress.AddressFamily) : null;

        public bool TryReserve(IPAddress address) => Number(address) is { } number ? _numbers.TryReserve(number) : _others.Add(AddressNumber.Of(address));

        public void Release(IPAddress address)
        {
            if (Number(address) is { } number)
            {
                _numbers.Release(number);
            }
            else
            {
                _others.Remove(AddressNumber.Of(address));
            }
        }

        private uint? Number(IPAddress address) =>
            AddressNumber.Of(address) is var number && number >= _origin && number - _origin <= uint.MaxValue ? (uint)(number - _origin) : null;
    }
}
