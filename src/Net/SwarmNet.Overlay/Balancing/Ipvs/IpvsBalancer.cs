using SwarmNet.Linux;
using SwarmNet.Netlink.Conntrack;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Balancing.Ipvs;

/// <summary>
/// The balancer by IP virtual server, of IPv4, for clients in the namespace itself (not for what passes through it). Differences from the one by nf_tables: timeouts
/// are the namespace's, so the longest that a service asks for holds for all; with affinity, a few clients of other backends move when a backend comes or
/// goes (Maglev's hash); echo requests to a virtual address are refused.
/// </summary>
internal sealed class IpvsBalancer : IServiceBalancer
{
    private readonly Lock _lock = new();
    private readonly IpvsKernel _kernel;
    private readonly ServiceList _services = new(new VipCodec());
    private Dictionary<uint, IpvsFrontend>? _current;

    /// <exception cref="OverlayException">The kernel has no IPVS.</exception>
    public IpvsBalancer(NetworkNamespace ns) => _kernel = new IpvsKernel(ns);

    public BalancerKind Kind => BalancerKind.Ipvs;

    public int SetServices(IReadOnlyList<VirtualService> services)
    {
        lock (_lock)
        {
            if (_current is null)
            {
                _services.Clear();
            }

            if (!_services.Compare(services) && _current is not null)
            {
                return 0;
            }

            Dictionary<uint, IpvsFrontend> current = _current ?? _kernel.LoadOrCreate();
            Dictionary<uint, IpvsFrontend?> wanted = ToWanted(current, isComplete: _current is null);
            IpvsPlan plan = IpvsPlanner.Plan(current, wanted);
            _current = null; // unknown until the kernel has said yes
            _kernel.Apply(plan, current, IpvsTimes.Of(services));
            foreach ((uint vip, IpvsFrontend? frontend) in wanted)
            {
                if (frontend is null)
                {
                    current.Remove(vip);
                }
                else
                {
                    current[vip] = frontend;
                }
            }

            _current = current;
            _services.Commit();
            ForgetFlows(plan);
            return plan.Count;
        }
    }

    public IReadOnlyList<Repair> Repair(bool inspectOnly = false)
    {
        lock (_lock)
        {
            return _current is { } wanted ? _kernel.Repair(wanted, inspectOnly) : [];
        }
    }

    public void Delete()
    {
        lock (_lock)
        {
            _current = null;
            _kernel.Delete();
        }
    }

    public void Dispose() => _kernel.Dispose();

    private Dictionary<uint, IpvsFrontend?> ToWanted(Dictionary<uint, IpvsFrontend> current, bool isComplete)
    {
        var wanted = new Dictionary<uint, IpvsFrontend?>(_services.Changed.Count + _services.Removed.Count);
        foreach (ulong vip in _services.Removed)
        {
            wanted[(uint)vip] = null;
        }

        if (isComplete)
        {
            foreach (uint vip in current.Keys)
            {
                wanted[vip] = null;
            }
        }

        var marks = new MarkAllocator(current.Values);
        foreach ((ulong id, VirtualService service) in _services.Changed)
        {
            uint vip = (uint)id;
            wanted[vip] = IpvsFrontend.For(current.TryGetValue(vip, out IpvsFrontend? known) ? known.Mark : marks.Next(), service);
        }

        return wanted;
    }

    private void ForgetFlows(IpvsPlan plan)
    {
        if (plan.GoneFlows.Count + plan.DrainedFlows.Count == 0)
        {
            return;
        }

        ConntrackTable.Delete(_kernel.Netfilter, [
            .. plan.GoneFlows.Select(static flow => Filter(flow)),
            .. plan.DrainedFlows.Select(static flow => Filter(flow) with { Protocol = Libc.IPPROTO_UDP })]);

        static ConntrackFilter Filter((uint Vip, uint Backend) flow) => new()
        {
            OriginalDestination = flow.Vip.ToIPAddress(),
            ReplySource = flow.Backend.ToIPAddress(),
        };
    }
}
