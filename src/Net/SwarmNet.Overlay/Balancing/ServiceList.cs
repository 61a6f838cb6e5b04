using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SwarmNet.Overlay.Balancing;

/// <summary>The services last set, of one address family, to find what a new list changes. Not thread-safe.</summary>
/// <param name="codec">Numbers of their addresses.</param>
internal sealed class ServiceList(AddressCodec codec)
{
    private readonly Dictionary<ulong, Known> _known = [];
    private readonly Dictionary<ulong, VirtualService> _changed = [];
    private readonly List<ulong> _removed = [];
    private ulong _comparisons;

    /// <summary>Services that the last <see cref="Compare"/> found new or changed.</summary>
    public IReadOnlyDictionary<ulong, VirtualService> Changed => _changed;

    /// <summary>Virtual addresses that the last <see cref="Compare"/> found gone.</summary>
    public IReadOnlyList<ulong> Removed => _removed;

    /// <summary>
    /// Checks a list and finds its differences from the known one; false = there is none. Allocates nothing then.
    /// </summary>
    /// <exception cref="ArgumentException">A service makes no sense, or is there twice.</exception>
    public bool Compare(IReadOnlyList<VirtualService> services)
    {
        _changed.Clear();
        _removed.Clear();
        _comparisons++;
        int found = 0;
        for (int i = 0; i < services.Count; i++)
        {
            VirtualService service = services[i];
            ulong vip = codec.IdOf(service.Vip);
            ref Known known = ref CollectionsMarshal.GetValueRefOrNullRef(_known, vip);
            bool isKnown = !Unsafe.IsNullRef(ref known);
            bool isTwice = isKnown && known.Comparison == _comparisons;
            if (isKnown && !isTwice)
            {
                known.Comparison = _comparisons;
                found++;
                if (AreSame(known.Service, service))
                {
                    continue;
                }
            }

            if (isTwice || !_changed.TryAdd(vip, service))
            {
                throw new ArgumentException($"The virtual address {service.Vip} is there twice.", nameof(services));
            }

            ServiceCheck.Check(service);
        }

        if (found < _known.Count)
        {
            foreach ((ulong vip, Known known) in _known)
            {
                if (known.Comparison != _comparisons)
                {
                    _removed.Add(vip);
                }
            }
        }

        return _changed.Count + _removed.Count > 0;
    }

    /// <summary>What <see cref="Compare"/> found is in force now.</summary>
    public void Commit()
    {
        foreach ((ulong vip, VirtualService service) in _changed)
        {
            // The caller may go on using its list of backends.
            _known[vip] = new Known { Service = service with { Backends = [.. service.Backends] } };
        }

        foreach (ulong vip in _removed)
        {
            _known.Remove(vip);
        }
    }

    /// <summary>Forgets everything: the next list is compared with nothing.</summary>
    public void Clear() => _known.Clear();

    /// <summary>Whether two services are the same, backends in the same order.</summary>
    public static bool AreSame(VirtualService a, VirtualService b) =>
        AreSame(a.Vip, b.Vip) && a.Affinity == b.Affinity && a.Timeouts == b.Timeouts && AreSame(a.Backends, b.Backends);

    private static bool AreSame(IReadOnlyList<Backend> a, IReadOnlyList<Backend> b)
    {
        if (a.Count != b.Count)
        {
            return false;
        }

        for (int i = 0; i < a.Count; i++)
        {
            // Mostly it is the very object, which cannot have changed.
            Backend one = a[i];
            Backend other = b[i];
            if (!ReferenceEquals(one, other) && (one.Weight != other.Weight || !AreSame(one.Ip, other.Ip)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool AreSame(IPAddress a, IPAddress b) => ReferenceEquals(a, b) || a.Equals(b);

    private struct Known
    {
        public VirtualService Service;

        /// <summary>The last comparison that came across it.</summary>
        public ulong Comparison;
    }
}
