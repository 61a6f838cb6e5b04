using SwarmNet.Linux;
using SwarmNet.Netlink.Conntrack;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// The balancer by nf_tables, of one address family: one table with a constant number of rules; services are elements of its maps, and every update is
/// one transaction of the elements that differ.
/// </summary>
internal sealed class NfTablesBalancer : IServiceBalancer
{
    /// <summary>Name of the table (family ip, and ip6 where it is IPv6). Only this table is ever touched.</summary>
    public const string TableName = "swarmnet_balancer";

    private const byte UdpProtocol = 17;
    private const uint NewState = 8;
    private const uint DestinationTranslated = 0x20;
    // RFC 792 and RFC 4443 §3.1: port unreachable.
    private const byte IcmpPortUnreachable = 3;
    private const byte Icmp6PortUnreachable = 4;

    private readonly Lock _lock = new();
    private readonly NfTable _table;
    private readonly AddressCodec _codec;
    private readonly BalancerEngine _engine;
    private readonly ServiceList _services;

    /// <param name="ns">The clients' namespace.</param>
    /// <param name="family">Family of the services.</param>
    public NfTablesBalancer(NetworkNamespace ns, NfFamily family = NfFamily.Ip)
    {
        _table = new NfTable(family, TableName);
        _codec = AddressCodec.Of(family);
        _services = new ServiceList(_codec);
        // The name of the version, not of the family.
        _engine = new BalancerEngine(ns, _table, _codec, "v5", (batch, sets) => Define(batch, _table, sets));
    }

    public BalancerKind Kind => BalancerKind.NfTables;

    /// <summary>Whether a table is there, of this process or an earlier one.</summary>
    public bool IsPresent => _engine.IsKnown || NfTablesQuery.TableExists(_engine.Socket, _table);

    /// <summary>Refuses services that make no sense, as <see cref="SetServices"/> would.</summary>
    public void Check(IReadOnlyList<VirtualService> services)
    {
        lock (_lock)
        {
            _services.Compare(services);
        }
    }

    public int SetServices(IReadOnlyList<VirtualService> services)
    {
        lock (_lock)
        {
            if (!_engine.IsKnown)
            {
                _services.Clear();
            }

            if (!_services.Compare(services) && _engine.IsKnown)
            {
                return 0;
            }

            BalancePlan plan = _engine.Apply(ToWanted(), isComplete: !_engine.IsKnown);
            _services.Commit();
            ForgetFlows(plan);
            return plan.Count;
        }
    }

    public IReadOnlyList<Repair> Repair(bool inspectOnly = false)
    {
        lock (_lock)
        {
            return _engine.Repair(inspectOnly);
        }
    }

    public void Delete()
    {
        lock (_lock)
        {
            _engine.Delete();
        }
    }

    public void Dispose() => _engine.Dispose();

    /// <summary>Adds a table of this name with all that the balancer needs of the kernel.</summary>
    public static void DefineTrial(NfTablesBatch batch, NfTable table)
    {
        var sets = new BalanceSets(table, new VipCodec());
        batch.AddTable(table);
        sets.Define(batch);
        Define(batch, table, sets);
    }

    private Dictionary<ulong, WantedFrontend?> ToWanted()
    {
        var wanted = new Dictionary<ulong, WantedFrontend?>(_services.Changed.Count + _services.Removed.Count);
        foreach ((ulong vip, VirtualService service) in _services.Changed)
        {
            // An address that is listed twice (an endpoint that moves) counts once.
            WeightedTarget[] targets = [.. service.Backends
                .Select(backend => new WeightedTarget(_codec.IdOf(backend.Ip), backend.Weight))
                .DistinctBy(static target => target.Id)];
            wanted.Add(vip, WantedFrontend.Of(targets, service.Affinity, service.Timeouts));
        }

        foreach (ulong vip in _services.Removed)
        {
            wanted.Add(vip, null);
        }

        return wanted;
    }

    private static void Define(NfTablesBatch batch, NfTable table, BalanceSets sets)
    {
        batch.AddChain(table, "refuse")
            .AddChain(table, "new")
            .AddChain(table, "remember")
            .AddBaseChain(table, "translated", NfChainType.Filter, NfHook.Postrouting, NfPriority.SourceNat - 1)
            .AddBaseChain(table, "mangle_prerouting", NfChainType.Filter, NfHook.Prerouting, NfPriority.Mangle)
            .AddBaseChain(table, "mangle_output", NfChainType.Filter, NfHook.Output, NfPriority.Mangle)
            .AddBaseChain(table, "prerouting", NfChainType.Nat, NfHook.Prerouting, NfPriority.DestinationNat)
            .AddBaseChain(table, "output", NfChainType.Nat, NfHook.Output, NfPriority.DestinationNat)
            .AddBaseChain(table, "filter_forward", NfChainType.Filter, NfHook.Forward, NfPriority.Filter)
            .AddBaseChain(table, "filter_output", NfChainType.Filter, NfHook.Output, NfPriority.Filter);
        foreach (string chain in (ReadOnlySpan<string>)["prerouting", "output"])
        {
            sets.AddDispatch(batch, chain, BalanceSets.Tiers, 0);
        }

        foreach (string chain in (ReadOnlySpan<string>)["mangle_prerouting", "mangle_output"])
        {
            batch.AddRule(table, chain).ConntrackAny(NfCtKey.State, NewState).Verdict(NfVerdict.Jump, "new").End();
        }

        sets.AddDispatch(batch, "new", BalanceSets.Timeouts, 0);
        batch.AddRule(table, "translated").ConntrackAny(NfCtKey.State, NewState).ConntrackAny(NfCtKey.Status, DestinationTranslated)
            .Verdict(NfVerdict.Jump, "remember").End();
        sets.AddRemember(batch, "remember", 0);

        // Whatever still has a VIP as destination here found no backend.
        foreach (string chain in (ReadOnlySpan<string>)["filter_forward", "filter_output"])
        {
            sets.AddMembership(batch, chain, 0).Verdict(NfVerdict.Goto, "refuse").End();
        }

        batch.AddRule(table, "refuse").L4ProtocolIs(6).Reject(tcpReset: true).End();
        batch.AddRule(table, "refuse").Reject(NfRejectType.Icmp, table.Family == NfFamily.Ip6 ? Icmp6PortUnreachable : IcmpPortUnreachable).End();
    }

    private void ForgetFlows(BalancePlan plan)
    {
        if (plan.LeavingTargets.Count + plan.GoneTargets.Count == 0)
        {
            return;
        }

        var filters = new List<ConntrackFilter>(plan.LeavingTargets.Count + plan.GoneTargets.Count);
        foreach ((ulong frontend, ulong target) in plan.LeavingTargets)
        {
            filters.Add(Filter(frontend, target) with { Protocol = UdpProtocol });
        }

        foreach ((ulong frontend, ulong target) in plan.GoneTargets)
        {
            filters.Add(Filter(frontend, target));
        }

        ConntrackTable.Delete(_engine.Socket, [.. filters]);

        ConntrackFilter Filter(ulong frontend, ulong target) => new()
        {
            OriginalDestination = _codec.AddressOf(frontend),
            ReplySource = _codec.AddressOf(target),
        };
    }
}
