using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Netlink.Conntrack;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Mesh;

/// <summary>
/// Published ports of a host: what arrives at any of its addresses (also 127.0.0.1, also from the host itself and its tasks) on
/// a published port is translated to a backend, in turn. Backends may be anywhere on the ingress overlay, or local.
/// </summary>
/// <remarks>
/// One nf_tables table with a constant number of rules; ports are elements of its maps, updates are transactions of what
/// differs. Every published port is also held by a socket, so that a port in use is noticed before anything is applied.
/// Turns on IPv4 forwarding. The state is the kernel's: a new object over a namespace that has the table goes on from it.
/// Thread-safe.
/// </remarks>
public sealed class RoutingMesh : IDisposable
{
    /// <summary>Name of the table (family ip). Only this table is ever touched.</summary>
    public const string TableName = "swarmnet_mesh";

    private const byte UdpProtocol = 17;
    private const uint SourceTranslated = 0x10;
    private const uint DestinationTranslated = 0x20;
    private static readonly NfTable _table = new(NfFamily.Ip, TableName);

    private readonly RoutingMeshOptions _options;
    private readonly Lock _lock = new();
    private readonly BalancerEngine _engine;
    private readonly PortGuard _guard;

    private RoutingMesh(RoutingMeshOptions options)
    {
        _options = options;
        _guard = new PortGuard(options.Namespace);
        _engine = new BalancerEngine(options.Namespace, _table, new PortCodec(), $"v2_{options.IngressInterface}", Define);
    }

    /// <summary>
    /// Opens the mesh of a host: makes its table, without ports, unless an earlier process left one. From then on nobody but the
    /// host reaches the ingress overlay except by a published port.
    /// </summary>
    public static RoutingMesh Open(RoutingMeshOptions options)
    {
        if (options.IngressInterface.Length is 0 or > 15)
        {
            throw new ArgumentException($"The interface name \"{options.IngressInterface}\" must have 1 to 15 characters.", nameof(options));
        }

        var mesh = new RoutingMesh(options);
        try
        {
            mesh._engine.Change(static _ => { });
            return mesh;
        }
        catch
        {
            mesh.Dispose();
            throw;
        }
    }

    /// <summary>Publishes these, and only these, ports. A call that fails changed nothing.</summary>
    /// <returns>Number of map elements that changed.</returns>
    /// <exception cref="PortConflictException">A port is there twice, or a process of the host has bound it.</exception>
    public int SetPorts(IReadOnlyCollection<PublishedPort> ports)
    {
        Dictionary<ulong, WantedFrontend?> wanted = ToWanted(ports);
        lock (_lock)
        {
            ReservePorts(ports);
            BalancePlan plan;
            try
            {
                PrepareHost(ports.Count > 0);
                plan = _engine.Apply(wanted, isComplete: true);
            }
            catch
            {
                _guard.Release([.. _guard.Held.Where(held => !_engine.Current.ContainsKey(Frontend(held.Protocol, held.Port)))]);
                throw;
            }

            _guard.Release([.. _guard.Held.Where(held => wanted.GetValueOrDefault(Frontend(held.Protocol, held.Port)) is null)]);
            ForgetFlows(plan);
            return plan.RemovedSlots.Count + plan.AddedSlots.Count;
        }
    }

    /// <summary>Compares the kernel with what was last published, and puts right what somebody else changed.</summary>
    /// <returns>What was put right; empty when all was well.</returns>
    public IReadOnlyList<Repair> Repair()
    {
        lock (_lock)
        {
            return _engine.Repair();
        }
    }

    /// <summary>Removes the table and gives the ports up.</summary>
    public void Delete()
    {
        lock (_lock)
        {
            _engine.Delete();
            _guard.Release([.. _guard.Held]);
        }
    }

    /// <summary>Closes the sockets; the table keeps forwarding.</summary>
    public void Dispose()
    {
        _guard.Dispose();
        _engine.Dispose();
    }

    internal static Dictionary<ulong, WantedFrontend?> ToWanted(IReadOnlyCollection<PublishedPort> ports)
    {
        var wanted = new Dictionary<ulong, WantedFrontend?>(ports.Count);
        var twice = new List<(ProtocolType, ushort)>();
        foreach (PublishedPort port in ports)
        {
            if (port.Protocol is not (ProtocolType.Tcp or ProtocolType.Udp) || port.Port == 0)
            {
                throw new ArgumentException($"Port {port.Port}/{port.Protocol} cannot be published: only TCP and UDP ports from 1 on can.", nameof(ports));
            }

            WeightedTarget[] targets = [.. port.Backends
                .Select(static backend => new WeightedTarget(((ulong)backend.Ip.ToUInt32() << 16) | backend.TargetPort, Math.Max(backend.Weight, 0)))
                .DistinctBy(static target => target.Id)];
            if (!wanted.TryAdd(Frontend(port.Protocol, port.Port), new WantedFrontend(targets)))
            {
                twice.Add((port.Protocol, port.Port));
            }
        }

        return twice.Count == 0
            ? wanted
            : throw new PortConflictException($"{Describe(twice)} published twice.", twice);
    }

    private static ulong Frontend(ProtocolType protocol, ushort port) => ((ulong)(protocol == ProtocolType.Udp ? UdpProtocol : 6) << 16) | port;

    private static string Describe(List<(ProtocolType Protocol, ushort Port)> ports)
    {
        string list = string.Join(", ", ports.Select(static port => $"{port.Port}/{(port.Protocol == ProtocolType.Udp ? "udp" : "tcp")}"));
        return ports.Count == 1 ? $"Port {list} is" : $"Ports {list} are";
    }

    private void ReservePorts(IReadOnlyCollection<PublishedPort> ports)
    {
        List<(ProtocolType, ushort)> taken = _guard.Reserve(ports.Select(static port => (port.Protocol, port.Port)));
        if (taken.Count > 0)
        {
            throw new PortConflictException($"{Describe(taken)} already in use by a process of this host.", taken);
        }
    }

    /// <summary>Forwarding, and replies to 127.0.0.1 on the ingress interface (outsiders who try that are dropped by a rule).</summary>
    private void PrepareHost(bool publishes)
    {
        if (publishes)
        {
            HostSysctl.Set(_options.Namespace, "net.ipv4.ip_forward", "1");
            HostSysctl.TrySet(_options.Namespace, $"net/ipv4/conf/{_options.IngressInterface}/route_localnet", "1");
        }
    }

    private void Define(NfTablesBatch batch, BalanceSets sets)
    {
        batch.AddChain(_table, "refuse")
            .AddBaseChain(_table, "raw_prerouting", NfChainType.Filter, NfHook.Prerouting, NfPriority.Raw)
            .AddBaseChain(_table, "prerouting", NfChainType.Nat, NfHook.Prerouting, NfPriority.DestinationNat)
            .AddBaseChain(_table, "output", NfChainType.Nat, NfHook.Output, NfPriority.DestinationNat)
            .AddBaseChain(_table, "postrouting", NfChainType.Nat, NfHook.Postrouting, NfPriority.SourceNat)
            .AddBaseChain(_table, "forward", NfChainType.Filter, NfHook.Forward, NfPriority.Filter)
            .AddBaseChain(_table, "input", NfChainType.Filter, NfHook.Input, NfPriority.Filter);
        for (int tier = 0; tier < SlotTier.All.Length; tier++)
        {
            Key(BalanceSets.ChooseSlot(batch.AddRule(_table, BalanceSets.TierChains[tier]), SlotTier.All[tier], NfRegister.R2, NfRegister.R4))
                .Lookup(BalanceSets.Slots, NfRegister.R0, NfRegister.R0)
                .DestinationNat(NfRegister.R0, NfRegister.R1)
                .End();
        }

        foreach (string chain in (ReadOnlySpan<string>)["prerouting", "output"])
        {
            Key(batch.AddRule(_table, chain).DestinationIsLocal()).Lookup(BalanceSets.Tiers, NfRegister.R0, NfRegister.Verdict).End();
        }

        // route_localnet lets neighbours on the interface address 127.0.0.1; replies are still translated back later.
        batch.AddRule(_table, "raw_prerouting").InterfaceName(NfMetaKey.InInterfaceName, NfCompare.Equal, _options.IngressInterface)
            .Ipv4Destination(NfRegister.R0).InSubnet(NfRegister.R0, NfCompare.Equal, 0x7f000000, 8).Verdict(NfVerdict.Drop).End();

        batch.AddRule(_table, "postrouting").InterfaceName(NfMetaKey.OutInterfaceName, NfCompare.Equal, _options.IngressInterface)
            .ConntrackAny(NfCtKey.Status, DestinationTranslated).Masquerade().End();
        batch.AddRule(_table, "postrouting").InterfaceName(NfMetaKey.OutInterfaceName, NfCompare.NotEqual, "lo")
            .ConntrackAny(NfCtKey.Status, DestinationTranslated)
            .Ipv4Source(NfRegister.R0).InSubnet(NfRegister.R0, NfCompare.Equal, 0x7f000000, 8).Masquerade().End();

        // The host has a route to the ingress overlay, others have not: only published ports lead there.
        batch.AddRule(_table, "forward").InterfaceName(NfMetaKey.OutInterfaceName, NfCompare.Equal, _options.IngressInterface)
            .ConntrackNone(NfCtKey.Status, DestinationTranslated).Verdict(NfVerdict.Drop).End();

        // A published port without backend: what was not translated ends here.
        Key(batch.AddRule(_table, "input")).InSet(BalanceSets.Frontends, NfRegister.R0).Verdict(NfVerdict.Goto, "refuse").End();
        batch.AddRule(_table, "refuse").L4ProtocolIs(6).Reject(tcpReset: true).End();
        batch.AddRule(_table, "refuse").Reject(tcpReset: false).End();

        static NfRule Key(NfRule rule) => rule.Meta(NfMetaKey.L4Protocol, NfRegister.R0).DestinationPort(NfRegister.R1);
    }

    /// <summary>
    /// UDP has no connections: a client that keeps its port keeps its flow. Flows to backends that left are forgotten, and so are
    /// flows that began before the port was published, which would never be translated.
    /// </summary>
    private void ForgetFlows(BalancePlan plan)
    {
        var filters = new List<ConntrackFilter>();
        foreach ((ulong frontend, ulong target) in plan.LeavingTargets)
        {
            if (frontend >> 16 == UdpProtocol)
            {
                filters.Add(new ConntrackFilter
                {
                    Protocol = UdpProtocol,
                    OriginalDestinationPort = (ushort)frontend,
                    ReplySource = ((uint)(target >> 16)).ToIPAddress(),
                    ReplySourcePort = (ushort)target,
                });
            }
        }

        foreach ((ulong frontend, int _) in plan.AddedTiers)
        {
            if (frontend >> 16 == UdpProtocol)
            {
                filters.Add(new ConntrackFilter
                {
                    Protocol = UdpProtocol,
                    OriginalDestinationPort = (ushort)frontend,
                    StatusClear = SourceTranslated | DestinationTranslated,
                });
            }
        }

        if (filters.Count > 0)
        {
            ConntrackTable.Delete(_engine.Socket, [.. filters]);
        }
    }
}
