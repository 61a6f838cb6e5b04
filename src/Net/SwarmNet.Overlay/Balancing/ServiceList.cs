namespace SwarmNet.Overlay.Balancing;

/// <summary>The services last set, of one address family, to find what a new list changes. Not thread-safe.</summary>
/// <param name="codec">Numbers of their addresses.</param>
internal sealed class ServiceList(AddressCodec codec)
{
    private readonly Dictionary<ulong, VirtualService> _known = [];
    private readonly Dictionary<ulong, VirtualService> _changed = [];
    private readonly HashSet<ulong> _seen = [];
    private readonly List<ulong> _removed = [];

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
        _seen.Clear();
        for (int i = 0; i < services.Count; i++)
        {
            VirtualService service = services[i];
            ulong vip = codec.IdOf(service.Vip);
            if (!_seen.Add(vip))
            {
                throw new ArgumentException($"The virtual address {service.Vip} is there twice.", nameof(services));
            }

            if (!_known.TryGetValue(vip, out VirtualService? known) || !AreSame(known, service))
            {
                ServiceCheck.Check(service);
                _changed.Add(vip, service);
            }
        }

        if (_seen.Count - _changed.Count < _known.Count)
        {
            foreach (ulong vip in _known.Keys)
            {
                if (!_seen.Contains(vip))
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
            _known[vip] = service with { Backends = [.. service.Backends] };
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
        a.Vip.Equals(b.Vip) && a.Affinity == b.Affinity && a.Timeouts == b.Timeouts && AreSame(a.Backends, b.Backends);

    private static bool AreSame(IReadOnlyList<Backend> a, IReadOnlyList<Backend> b)
    {
        if (a.Count != b.Count)
        {
            return false;
        }

        for (int i = 0; i < a.Count; i++)
        {
            if (a[i].Weight != b[i].Weight || !a[i].Ip.Equals(b[i].Ip))
            {
                return false;
            }
        }

        return true;
    }
}
