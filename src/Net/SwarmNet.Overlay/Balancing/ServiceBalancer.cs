using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink.Conntrack;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// Virtual service addresses inside one network namespace, the client's own: connections to a VIP are translated there, before
/// routing, to one of its backends in turn. The backend sees the client's real address; there is no hop in between, and nobody
/// has to answer ARP for the VIP. Also redirects a DNS address to the local ports of a resolver.
/// </summary>
/// <remarks>
/// One nf_tables table with a constant number of rules; services are elements of its maps, and every update is one transaction
/// of the elements that differ. Established TCP connections stay with their backend; UDP flows to a backend that leaves are
/// forgotten at once, so that the client's next datagram goes to another. The state is the kernel's: a new object over a
/// namespace that has the table goes on from it. Thread-safe.
/// </remarks>
public sealed class ServiceBalancer : IDisposable
{
    /// <summary>Name of the table (family ip). Only this table is ever touched.</summary>
    public const string TableName = "swarmnet_balancer";

    private const byte UdpProtocol = 17;
    private const string DnsChain = "dns";
    private static readonly NfTable _table = new(NfFamily.Ip, TableName);

    private readonly Lock _lock = new();
    private readonly BalancerEngine _engine;

    private ServiceBalancer(NetworkNamespace ns) => _engine = new BalancerEngine(ns, _table, new VipCodec(), "v1", Define);

    /// <summary>Opens the balancer of a namespace. Nothing is changed until the first <c>Set…</c>.</summary>
    /// <param name="ns">The clients' namespace; need not stay open.</param>
    public static ServiceBalancer Open(NetworkNamespace ns) => new(ns);

    /// <summary>
    /// Makes these, and only these, services reachable. Unchanged services cost nothing; a call that fails changed nothing.
    /// </summary>
    /// <returns>Number of map elements that changed.</returns>
    /// <exception cref="ArgumentException">A VIP is there twice, or an address is not IPv4.</exception>
    public int SetServices(IReadOnlyCollection<VirtualService> services)
    {
        Dictionary<ulong, IReadOnlyList<WeightedTarget>> wanted = ToWanted(services);
        lock (_lock)
        {
            BalancePlan plan = _engine.Apply(wanted);
            if (plan.LeavingTargets.Count > 0)
            {
                ForgetUdpFlows(plan);
            }

            return plan.RemovedSlots.Count + plan.AddedSlots.Count;
        }
    }

    /// <summary>
    /// Sends what clients in this namespace ask of <paramref name="server"/> port 53 to <paramref name="server"/> at these ports,
    /// so that port 53 itself stays free for the clients' own use.
    /// </summary>
    /// <param name="server">A loopback address, for example 127.0.0.11.</param>
    /// <param name="udpPort">Where the resolver listens for UDP; 0 = no redirection.</param>
    /// <param name="tcpPort">Where it listens for TCP; 0 = no redirection.</param>
    public void SetDnsRedirect(IPAddress server, ushort udpPort, ushort tcpPort)
    {
        uint address = server.ToUInt32();
        lock (_lock)
        {
            _engine.Change(batch =>
            {
                batch.FlushChain(_table, DnsChain);
                AddRedirect(batch, address, UdpProtocol, udpPort);
                AddRedirect(batch, address, 6, tcpPort);
            });

            // A resolver that was restarted has other ports; flows to the old ones would hang until they time out.
            ConntrackTable.Delete(_engine.Socket, new ConntrackFilter { OriginalDestination = server, OriginalDestinationPort = 53 });
        }
    }

    /// <summary>
    /// Forgets all flows, of any protocol, that go through a VIP to these backends: after their drain time, when open TCP
    /// connections shall be reset rather than hang.
    /// </summary>
    public void ForgetFlows(IReadOnlyCollection<IPAddress> backends)
    {
        lock (_lock)
        {
            const uint DestinationTranslated = 0x20;
            var gone = backends.ToHashSet();
            ConntrackFilter[] filters = [.. ConntrackTable.List(_engine.Socket)
                .Where(flow => (flow.Status & DestinationTranslated) != 0 && gone.Contains(flow.Reply.Source))
                .Select(static flow => new ConntrackFilter
                {
                    Protocol = flow.Original.Protocol,
                    OriginalDestination = flow.Original.Destination,
                    ReplySource = flow.Reply.Source,
                })
                .Distinct()];
            if (filters.Length > 0)
            {
                ConntrackTable.Delete(_engine.Socket, filters);
            }
        }
    }

    /// <summary>
    /// Forgets what this object knows of the kernel, so that the next <see cref="SetServices"/> compares with what is really
    /// there and repairs it.
    /// </summary>
    public void Invalidate()
    {
        lock (_lock)
        {
            _engine.Invalidate();
        }
    }

    /// <summary>Removes the table. Needed only where the namespace lives on.</summary>
    public void Delete()
    {
        lock (_lock)
        {
            _engine.Delete();
        }
    }

    /// <summary>Closes the socket; the table keeps working.</summary>
    public void Dispose() => _engine.Dispose();

    internal static Dictionary<ulong, IReadOnlyList<WeightedTarget>> ToWanted(IReadOnlyCollection<VirtualService> services)
    {
        var wanted = new Dictionary<ulong, IReadOnlyList<WeightedTarget>>(services.Count);
        foreach (VirtualService service in services)
        {
            // An address that is listed twice (an endpoint that moves) counts once.
            WeightedTarget[] targets = [.. service.Backends
                .Select(static backend => new WeightedTarget(backend.Ip.ToUInt32(), Math.Max(backend.Weight, 0)))
                .DistinctBy(static target => target.Id)];
            if (!wanted.TryAdd(service.Vip.ToUInt32(), targets))
            {
                throw new ArgumentException($"The virtual address {service.Vip} is there twice.", nameof(services));
            }
        }

        return wanted;
    }

    private static void Define(NfTablesBatch batch, BalanceSets sets)
    {
        batch.AddChain(_table, DnsChain)
            .AddChain(_table, "refuse")
            .AddBaseChain(_table, "prerouting", NfChainType.Nat, NfHook.Prerouting, NfPriority.DestinationNat)
            .AddBaseChain(_table, "output", NfChainType.Nat, NfHook.Output, NfPriority.DestinationNat)
            .AddBaseChain(_table, "filter_forward", NfChainType.Filter, NfHook.Forward, NfPriority.Filter)
            .AddBaseChain(_table, "filter_output", NfChainType.Filter, NfHook.Output, NfPriority.Filter);
        for (int tier = 0; tier < SlotTier.Sizes.Length; tier++)
        {
            batch.AddRule(_table, BalanceSets.TierChains[tier])
                .Ipv4Destination(NfRegister.R0)
                .NumberGenerator(NfRegister.R1, (uint)SlotTier.Sizes[tier], random: false)
                .Lookup(BalanceSets.Slots, NfRegister.R0, NfRegister.R0)
                .DestinationNat(NfRegister.R0)
                .End();
        }

        batch.AddRule(_table, "output").Verdict(NfVerdict.Jump, DnsChain).End();
        foreach (string chain in (ReadOnlySpan<string>)["prerouting", "output"])
        {
            batch.AddRule(_table, chain).Ipv4Destination(NfRegister.R0).Lookup(BalanceSets.Tiers, NfRegister.R0, NfRegister.Verdict).End();
        }

        // Whatever still has a VIP as destination here found no backend.
        foreach (string chain in (ReadOnlySpan<string>)["filter_forward", "filter_output"])
        {
            batch.AddRule(_table, chain).Ipv4Destination(NfRegister.R0).InSet(BalanceSets.Frontends, NfRegister.R0)
                .Verdict(NfVerdict.Goto, "refuse").End();
        }

        batch.AddRule(_table, "refuse").L4ProtocolIs(6).Reject(tcpReset: true).End();
        batch.AddRule(_table, "refuse").Reject(tcpReset: false).End();
    }

    private static void AddRedirect(NfTablesBatch batch, uint server, byte protocol, ushort port)
    {
        if (port == 0)
        {
            return;
        }

        ReadOnlySpan<byte> address = [(byte)(server >> 24), (byte)(server >> 16), (byte)(server >> 8), (byte)server];
        batch.AddRule(_table, DnsChain)
            .Ipv4Destination(NfRegister.R0).Equal(NfRegister.R0, address)
            .L4ProtocolIs(protocol, NfRegister.R1)
            .DestinationPort(NfRegister.R1).Equal(NfRegister.R1, [0, 53])
            .Immediate(NfRegister.R1, [(byte)(port >> 8), (byte)port])
            .DestinationNat(NfRegister.R0, NfRegister.R1)
            .End();
    }

    private void ForgetUdpFlows(BalancePlan plan)
    {
        ConntrackFilter[] filters = [.. plan.LeavingTargets.Select(static leaving => new ConntrackFilter
        {
            Protocol = UdpProtocol,
            OriginalDestination = ((uint)leaving.Frontend).ToIPAddress(),
            ReplySource = ((uint)leaving.Target).ToIPAddress(),
        })];
        ConntrackTable.Delete(_engine.Socket, filters);
    }
}
