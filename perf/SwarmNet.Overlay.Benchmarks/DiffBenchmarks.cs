using System.Net;
using BenchmarkDotNet.Attributes;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Overlay.Networks;

namespace SwarmNet.Overlay.Benchmarks;

/// <summary>The work before the kernel's: wanted state to differences to bytes. No system calls.</summary>
[MemoryDiagnoser]
public class DiffBenchmarks
{
    private readonly NfTablesBatch _batch = new();
    private readonly BalanceSets _sets = new(new NfTable(NfFamily.Ip, "t"), new VipCodec());
    private Dictionary<ulong, WantedFrontend?> _services = [];
    private Dictionary<ulong, WantedFrontend?> _changed = [];
    private BalancePlan _inForce = new();
    private Dictionary<ulong, FrontendState> _state = [];
    private BalancePlan _oneBackendMore = new();
    private readonly ServiceList _list = new(new VipCodec());
    private List<VirtualService> _listed = [];
    private List<OverlayPeer> _peers = [];
    private ForwardingState _peersInForce = new();
    private ForwardingState _samePeers = new();

    [Params(10, 1000)]
    public int Count { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _services = Services(3);
        _changed = new(_services) { [1] = new WantedFrontend(Targets(1, 4)) };
        _inForce = BalancePlanner.Plan(new Dictionary<ulong, FrontendState>(), _services);
        _state = _inForce.Result.ToDictionary(static result => result.Key, static result => result.Value!);
        _oneBackendMore = BalancePlanner.Plan(_state, _changed);
        _listed = [.. Enumerable.Range(1, Count).Select(static i => new VirtualService(new IPAddress(new byte[] { 10, 2, (byte)(i >> 8), (byte)i }), [new Backend(IPAddress.Parse("10.1.0.1"))]))];
        _list.Compare(_listed);
        _list.Commit();
        var vtep = IPAddress.Parse("10.99.0.2");
        _peers = [.. Enumerable.Range(1, Count).Select(i => new OverlayPeer(new IPAddress(new byte[] { 10, 1, (byte)(i >> 8), (byte)i }), vtep))];
        _peersInForce = ForwardingState.Of(_peers, IPAddress.None, new HashSet<IPAddress>());
        _samePeers = ForwardingState.Of(_peers, IPAddress.None, new HashSet<IPAddress>());
    }

    [Benchmark]
    public bool ServicesUnchanged() => _list.Compare(_listed);

    [Benchmark]
    public bool PlanAllServices() => BalancePlanner.Plan(_state, _services).IsEmpty;

    [Benchmark]
    public bool OneBackendMore() => BalancePlanner.Plan(_state, _changed).IsEmpty;

    [Benchmark]
    public int EncodeOneBackendMore()
    {
        _batch.Clear();
        _sets.Append(_batch, _oneBackendMore);
        return _batch.ChangeCount;
    }

    [Benchmark]
    public int EncodeAllServices()
    {
        _batch.Clear();
        _sets.Append(_batch, _inForce);
        return _batch.ChangeCount;
    }

    [Benchmark]
    public int PeersUnchanged() => ForwardingDiff.Compute(_peersInForce, _samePeers).Count;

    [Benchmark]
    public int PeersToState() => ForwardingState.Of(_peers, IPAddress.None, new HashSet<IPAddress>()).Neighbours.Count;

    private Dictionary<ulong, WantedFrontend?> Services(int backends) =>
        Enumerable.Range(1, Count).ToDictionary(static i => (ulong)i, i => (WantedFrontend?)new WantedFrontend(Targets(i, backends)));

    private static WeightedTarget[] Targets(int service, int backends) =>
        [.. Enumerable.Range(1, backends).Select(i => new WeightedTarget((ulong)((service * 100) + i), 1))];
}
