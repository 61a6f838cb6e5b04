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

        RemoveServices(static _ => true);
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
            _ = Repair(current);
            throw;
        }
    }

    /// <summary>Compares the kernel with what is wanted and puts right what differs.</summary>
    public IReadOnlyList<Repair> Repair(Dictionary<uint, IpvsFrontend> wanted)
    {
        var repairs = new List<Repair>();
        Dictionary<uint, IpvsFrontend>? found = Load();
        if (found is null)
        {
            repairs.Add(new Repair($"table {NfTablesBalancer.TableName}", "was missing or altered"));
            Change(batch =>
            {
                IpvsClassifier.Create(batch);
                IpvsClassifier.Append(batch, [], [.. wanted.Select(static pair => (pair.Key, pair.Value.Mark))]);
            });
            found = Load() ?? [];
        }

        var all = wanted.ToDictionary(static pair => pair.Key, static IpvsFrontend? (pair) => pair.Value);
        foreach (uint vip in found.Keys)
        {
            all.TryAdd(vip, null);
        }

        IpvsPlan plan = IpvsPlanner.Plan(found, all);
        if (plan.Count > 0)
        {
            repairs.Add(new Repair("services of ip_vs", $"differed in {plan.Count} entries"));
            Apply(plan);
        }

        return repairs;
    }

    /// <summary>Removes what is ours.</summary>
    public void Delete()
    {
        Change(IpvsClassifier.Delete);
        RemoveServices(static _ => true);
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
        RemoveServices(mark => !known.Contains(mark & ~IpvsFrontend.DatagramBit));
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

    private void RemoveServices(Func<uint, bool> which)
    {
        _services.Clear();
        foreach (IpvsServiceEntry entry in _ipvs.GetServices())
        {
            uint mark = entry.Service.Id.FirewallMark;
            if (IpvsFrontend.IsOurs(mark) && !entry.Service.Id.Address.IsIPv6 && which(mark))
            {
                _services.DeleteService(entry.Service.Id);
            }
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
