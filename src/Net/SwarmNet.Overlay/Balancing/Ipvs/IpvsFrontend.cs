using SwarmNet.Netlink.Ipvs;

namespace SwarmNet.Overlay.Balancing.Ipvs;

/// <summary>
/// What the kernel holds for a virtual address: a mark, which packets to the address get, and two services that take packets by their mark. Connections
/// and datagrams have a service each, since a drained backend keeps its connections, and its datagrams go elsewhere at once.
/// </summary>
/// <param name="Mark">Of connections, even; that of datagrams is the next number.</param>
/// <param name="Connections">Who serves TCP, SCTP and the like; null = missing.</param>
/// <param name="Datagrams">Who serves UDP; null = missing.</param>
internal sealed record IpvsFrontend(uint Mark, IpvsPool? Connections, IpvsPool? Datagrams)
{
    /// <summary>The bit that tells the mark of datagrams.</summary>
    public const uint DatagramBit = 1;

    /// <summary>Marks from here on, as many as <see cref="MaxFrontends"/> need, are the balancer's; services with other marks are somebody else's.</summary>
    public const uint FirstMark = 0x5600_0000;

    /// <summary>Largest number of virtual addresses of a namespace.</summary>
    public const int MaxFrontends = 1 << 20;

    /// <summary>A mark that no packet ever gets.</summary>
    public const uint TrialMark = FirstMark - 1;

    /// <summary>What of a mark tells that it is ours.</summary>
    public const uint MarkMask = ~((2 * (uint)MaxFrontends) - 1);

    public static bool IsOurs(uint mark) => (mark & MarkMask) == FirstMark;

    /// <summary>What a service needs.</summary>
    public static IpvsFrontend For(uint mark, VirtualService service)
    {
        IpvsScheduler scheduler = service.Affinity is null ? IpvsScheduler.WeightedRoundRobin : IpvsScheduler.MaglevHash;
        uint persistence = (uint)Math.Ceiling(service.Affinity?.Timeout?.TotalSeconds ?? 0);
        var weights = new Dictionary<uint, int>(service.Backends.Count);
        foreach (Backend backend in service.Backends)
        {
            weights.TryAdd(backend.Ip.ToUInt32(), backend.Weight);
        }

        bool anyDrained = weights.ContainsValue(0);
        IReadOnlyDictionary<uint, int> open = anyDrained ? weights.Where(static w => w.Value > 0).ToDictionary() : weights;
        return new IpvsFrontend(mark, new IpvsPool(scheduler, persistence, weights), new IpvsPool(scheduler, persistence, open));
    }
}
