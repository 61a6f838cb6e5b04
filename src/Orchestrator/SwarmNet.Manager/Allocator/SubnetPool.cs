using System.Net;

namespace SwarmNet.Manager.Allocator;

/// <summary>
/// Subnets of a swarm, of one family: which ranges are taken, and the lowest free one of the given size in the default pools.
/// </summary>
internal sealed class SubnetPool(IReadOnlyList<IPNetwork> pools, int subnetSize)
{
    // Disjoint, by first address.
    private readonly SortedList<UInt128, UInt128> _lastByFirst = [];

    /// <summary>Takes a subnet as given; false when it meets one that is taken.</summary>
    public bool TryReserve(IPNetwork subnet)
    {
        var (first, last) = AddressNumber.Bounds(subnet);
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
            var family = pool.BaseAddress.AddressFamily;
            var (candidate, poolLast) = AddressNumber.Bounds(pool);
            // Last address relative to the first, which a size would not be: that of ::/0 is no number of 128 bits.
            var span = (UInt128.One << (AddressNumber.Bits(family) - subnetSize)) - 1;
            var isWithin = true;
            foreach (var (takenFirst, takenLast) in _lastByFirst)
            {
                if (candidate + span < takenFirst)
                {
                    break;
                }

                if (takenLast >= candidate)
                {
                    // Past the taken range, rounded up to the next subnet boundary.
                    isWithin = (takenLast | span) < poolLast;
                    if (!isWithin)
                    {
                        break;
                    }

                    candidate = (takenLast | span) + 1;
                }
            }

            if (isWithin && poolLast - candidate >= span)
            {
                _lastByFirst.Add(candidate, candidate + span);
                return new IPNetwork(AddressNumber.ToAddress(candidate, family), subnetSize);
            }
        }

        return null;
    }

    public void Release(IPNetwork subnet) => _lastByFirst.Remove(AddressNumber.Bounds(subnet).First);
}
