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
            var prefix = IPNetwork.Parse(config.Subnet);
            var (first, last) = SubnetPool.Bounds(prefix);
            var pool = config.Range.Length > 0 ? SubnetPool.Bounds(IPNetwork.Parse(config.Range)) : (First: first, Last: last);

            // Neither the network's own address nor its broadcast address is anybody's.
            var addresses = new SerialPool(Math.Max(pool.First, first + 1), Math.Min(pool.Last, last - 1));
            addresses.TryReserve(SubnetPool.ToNumber(IPAddress.Parse(config.Gateway)));
            _subnets.Add(new Subnet(prefix, addresses));
        }
    }

    public Network Network { get; set; }

    /// <summary>Takes the next address, in CIDR form; null when there is none.</summary>
    public string? TryAllocate()
    {
        foreach (var subnet in _subnets)
        {
            if (subnet.Addresses.TryAllocate() is { } number)
            {
                return $"{SubnetPool.ToAddress(number)}/{subnet.Prefix.PrefixLength}";
            }
        }

        return null;
    }

    /// <summary>Takes this address, in CIDR form or without its length; null when it is taken or lies in no subnet.</summary>
    public string? TryAllocate(string asked) => Find(asked) is { } found && found.Subnet.Addresses.TryReserve(found.Number)
        ? $"{SubnetPool.ToAddress(found.Number)}/{found.Subnet.Prefix.PrefixLength}" : null;

    /// <summary>Takes an address in CIDR form; false when it is taken or lies in no subnet.</summary>
    public bool TryReserve(string cidr) => Find(cidr) is { } found && found.Subnet.Addresses.TryReserve(found.Number);

    public void Release(string cidr)
    {
        if (Find(cidr) is { } found)
        {
            found.Subnet.Addresses.Release(found.Number);
        }
    }

    private (Subnet Subnet, uint Number)? Find(string cidr)
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
                return (subnet, SubnetPool.ToNumber(address));
            }
        }

        return null;
    }

    private sealed record Subnet(IPNetwork Prefix, SerialPool Addresses);
}
