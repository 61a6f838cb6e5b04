using System.Buffers.Binary;
using System.Net;

namespace SwarmNet.Manager.Allocator;

/// <summary>
/// IPv4 subnets of a swarm: which ranges are taken, and the lowest free one of the given size in the default pools.
/// </summary>
internal sealed class SubnetPool(IReadOnlyList<IPNetwork> pools, int subnetSize)
{
    // Disjoint, by first address.
    private readonly SortedList<uint, uint> _lastByFirst = [];

    /// <summary>Takes a subnet as given; false when it meets one that is taken.</summary>
    public bool TryReserve(IPNetwork subnet)
    {
        var (first, last) = Bounds(subnet);
        foreach (var (takenFirst, takenLast) in _lastByFirst)
        {
            if (first <= takenLast && takenFirst <= last)
            {
                return false;
            }
        }

        _lastByFirst.Add(first, last);
        return true;
    }

    /// <summary>Takes the lowest free subnet of the default size; null when the pools are used up.</summary>
    public IPNetwork? TryAllocate()
    {
        foreach (var pool in pools)
        {
            var (poolFirst, poolLast) = Bounds(pool);
            ulong size = 1UL << (32 - subnetSize);
            ulong candidate = poolFirst;
            foreach (var (takenFirst, takenLast) in _lastByFirst)
            {
                if (candidate + size <= takenFirst)
                {
                    break;
                }

                if (takenLast >= candidate)
                {
                    // Past the taken range, rounded up to the next subnet boundary.
                    candidate = (takenLast + size) / size * size;
                }
            }

            if (candidate + size - 1 <= poolLast)
            {
                var subnet = new IPNetwork(ToAddress((uint)candidate), subnetSize);
                _lastByFirst.Add((uint)candidate, (uint)(candidate + size - 1));
                return subnet;
            }
        }

        return null;
    }

    public void Release(IPNetwork subnet) => _lastByFirst.Remove(Bounds(subnet).First);

    public static uint ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        return address.TryWriteBytes(bytes, out var written) && written == 4
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : throw new ArgumentException($"{address} is not an IPv4 address.", nameof(address));
    }

    public static IPAddress ToAddress(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }

    public static (uint First, uint Last) Bounds(IPNetwork subnet)
    {
        var first = ToNumber(subnet.BaseAddress);
        return (first, first | (subnet.PrefixLength == 32 ? 0 : uint.MaxValue >> subnet.PrefixLength));
    }
}
