using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.Ipvs;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Balancing.Ipvs;

/// <summary>Applies plans to one namespace and lists what it has. Not thread-safe; its owner locks.</summary>
internal sealed class IpvsKernel : IDisposable
{
    private readonly IpvsSocket _ipvs;
    private readonly IpvsBatch _services;
    private readonly NfTablesBatch _marks = new();
    private IpvsTimeouts _timeouts;

    /// <exception cref="OverlayException">The kernel has no IPVS.</exception>
    public IpvsKernel(NetworkNamespace ns)
    {
        _ipvs = IpvsSocket.TryOpen(ns, out IpvsSocket? socket) ? socket : throw new OverlayException(
            "This kernel has no IP virtual server: load the module ip_vs (CONFIG_IP_VS), or use the balancer by nf_tables.");
        _services = _ipvs.NewBatch(16 * 1024);
        Netfilter = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, ns);

        // Translated flows show in connection tracking; those of a removed backend end with it.
        foreach (string name in (ReadOnlySpan<string>)["conntrack", "expire_nodest_conn", "expire_quiescent_template"])
        {
            HostSysctl.TrySet(ns, $"net.ipv4.vs.{name}", "1");
        }
    }

    public NetlinkSocket Netfilter { get; }

    /// <summary>What is in force, so that a restarted process goes on from there.</summary>
    public Dictionary<uint, IpvsFrontend> LoadOrCreate()
    {
        if (Load() is { } loaded)
        {
            return loaded;
        }

        Remove(OurServices(static _ => true));
        Change(IpvsClassifier.Create);
        return [];
    }

    /// <summary>Applies a plan. When the kernel refuses, what was before (<paramref name="current"/>) is brought back.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void Apply(IpvsPlan plan, Dictionary<uint, IpvsFrontend> current, in IpvsTimeouts timeouts)
    {
        try
        {
            Apply(plan);
            if (_timeouts != timeouts)
            {
                _services.Clear();
                _ipvs.Execute(_services.SetTimeouts(timeouts));
                _timeouts = timeouts;
            }
        }
        catch (NetlinkException)
        {
            _ = Repair(current, inspectOnly: false);
            throw;
        }
    }

    /// <summary>Compares the kernel with what is wanted and puts right what differs, unless it shall only be named.</summary>
    public IReadOnlyList<Repair> Repair(Dictionary<uint, IpvsFrontend> wanted, bool inspectOnly)
    {
        _marks.Clear();
        IpvsClassifier.Create(_marks);
        IpvsClassifier.Append(_marks, [], [.. wanted.Select(static pair => (pair.Key, pair.Value.Mark))]);
        List<Repair> repairs = new TableRepair(IpvsClassifier.Table, static _ => false).Run(Netfilter, _marks, inspectOnly);

        // Services are compared by the marks that are wanted, whatever the table says.
        Dictionary<uint, IpvsFrontend> found = Frontends(wanted.ToDictionary(static pair => pair.Key, static pair => pair.Value.Mark));
        IpvsPlan plan = IpvsPlanner.Plan(found, wanted.ToDictionary(static pair => pair.Key, static IpvsFrontend? (pair) => pair.Value));
        var marks = wanted.Values.Select(static frontend => frontend.Mark).ToHashSet();
        List<IpvsServiceId> strangers = OurServices(mark => !marks.Contains(mark & ~IpvsFrontend.DatagramBit));
        int count = plan.Count + strangers.Count;
        if (count > 0)
        {
            repairs.Add(new Repair("services of ip_vs", $"differed in {count} {(count == 1 ? "entry" : "entries")}"));
        }

        if (count > 0 && !inspectOnly)
        {
            Remove(strangers);
            Apply(plan);
        }

        return repairs;
    }

    /// <summary>Removes what is ours.</summary>
    public void Delete()
    {
        Change(IpvsClassifier.Delete);
        Remove(OurServices(static _ => true));
    }

    public void Dispose()
    {
        _ipvs.Dispose();
        Netfilter.Dispose();
    }

    private void Apply(IpvsPlan plan)
    {
        _services.Clear();
        foreach (IpvsService service in plan.NewServices)
        {
            _services.AddService(service);
        }

        foreach (IpvsService service in plan.ChangedServices)
        {
            _services.SetService(service);
        }

        foreach ((uint mark, uint backend, int weight) in plan.NewBackends)
        {
            _services.AddDestination(IpvsServiceId.ByMark(mark), new IpvsDestination(IpvsAddress.FromIPv4(backend), 0, weight));
        }

        foreach ((uint mark, uint backend, int weight) in plan.ChangedBackends)
        {
            _services.SetDestination(IpvsServiceId.ByMark(mark), new IpvsDestination(IpvsAddress.FromIPv4(backend), 0, weight));
        }

        foreach ((uint mark, uint backend) in plan.GoneBackends)
        {
            _services.DeleteDestination(IpvsServiceId.ByMark(mark), IpvsAddress.FromIPv4(backend), 0);
        }

        _ipvs.Execute(_services);
        if (plan.GoneMarks.Count + plan.NewMarks.Count > 0)
        {
            Change(batch => IpvsClassifier.Append(batch, plan.GoneMarks, plan.NewMarks));
        }

        _services.Clear();
        foreach (uint mark in plan.GoneServices)
        {
            _services.DeleteService(IpvsServiceId.ByMark(mark));
        }

        _ipvs.Execute(_services);
    }

    /// <summary>By virtual address; null when the table is not there. Services that no address leads to, left by a process that died, are removed.</summary>
    private Dictionary<uint, IpvsFrontend>? Load()
    {
        if (IpvsClassifier.Load(Netfilter) is not { } marks)
        {
            return null;
        }

        var known = marks.Values.ToHashSet();
        Remove(OurServices(mark => !known.Contains(mark & ~IpvsFrontend.DatagramBit)));
        return Frontends(marks);
    }

    /// <summary>What the services of these marks are, by virtual address.</summary>
    private Dictionary<uint, IpvsFrontend> Frontends(IReadOnlyDictionary<uint, uint> marks)
    {
        var pools = new Dictionary<uint, IpvsPool>();
        foreach (IpvsServiceEntry entry in _ipvs.GetServices())
        {
            IpvsService service = entry.Service;
            if (IpvsFrontend.IsOurs(service.Id.FirewallMark) && !service.Id.Address.IsIPv6)
            {
                pools[service.Id.FirewallMark] = new IpvsPool(service.Scheduler, service.PersistenceSeconds, Weights(service.Id));
            }
        }

        return marks.ToDictionary(
            static pair => pair.Key,
            pair => new IpvsFrontend(pair.Value, pools.GetValueOrDefault(pair.Value), pools.GetValueOrDefault(pair.Value | IpvsFrontend.DatagramBit)));
    }

    private Dictionary<uint, int> Weights(in IpvsServiceId service) =>
        _ipvs.GetDestinations(service).ToDictionary(static entry => entry.Destination.Address.ToIPAddress().ToUInt32(), static entry => entry.Destination.Weight);

    private List<IpvsServiceId> OurServices(Func<uint, bool> which) => [.. _ipvs.GetServices()
        .Select(static entry => entry.Service.Id)
        .Where(id => IpvsFrontend.IsOurs(id.FirewallMark) && !id.Address.IsIPv6 && which(id.FirewallMark))];

    private void Remove(List<IpvsServiceId> services)
    {
        _services.Clear();
        foreach (IpvsServiceId id in services)
        {
            _services.DeleteService(id);
        }

        _ipvs.Execute(_services);
    }

    private void Change(Action<NfTablesBatch> encode)
    {
        _marks.Clear();
        encode(_marks);
        _marks.Execute(Netfilter);
    }
}
