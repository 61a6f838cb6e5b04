using System.Diagnostics.Metrics;
using System.Net;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Kernel;
using SwarmNet.Overlay.Repairs;
using SwarmNet.Testing;

namespace SwarmNet.Overlay.Networks;

/// <summary>Two hosts, a task on each; somebody breaks what the kernel has of it.</summary>
[Category("Kernel")]
public sealed class NetworkRepairTests
{
    private static readonly IPAddress[] _tasks = [IPAddress.Parse("10.0.1.11"), IPAddress.Parse("10.0.1.12")];
    private TestNet _net = null!;
    private OverlayNetwork[] _networks = null!;

    [SetUp]
    public void Build()
    {
        _net = new TestNet();
        _net.Switch("underlay", "eth0", ("host1", "10.99.0.1/24"), ("host2", "10.99.0.2/24"));
        _networks = [.. Enumerable.Range(1, 2).Select(Open)];
        for (int i = 0; i < 2; i++)
        {
            _networks[i].AttachEndpoint(_net.Add($"task{i + 1}"), "eth0", _tasks[i], address6: IPAddress.Parse($"fd00:1::1{i + 1}"));
        }

        foreach (OverlayNetwork network in _networks)
        {
            network.SetPeers([.. Enumerable.Range(1, 2).SelectMany(n => new[]
            {
                new OverlayPeer(_tasks[n - 1], Vtep(n)),
                new OverlayPeer(IPAddress.Parse($"fd00:1::1{n}"), OverlayNetwork.MacOf(_tasks[n - 1]), Vtep(n)),
            })]);
        }
    }

    [TearDown]
    public void Remove()
    {
        foreach (OverlayNetwork network in _networks)
        {
            network.Dispose();
        }

        _net.Dispose();
    }

    private static readonly string[] _damages =
    [
        "net: ip link del vxlan0",
        "net: ip link del br0",
        "net: ip link set br0 down",
        "net: ip link set vxlan0 nomaster",
        "net: ip link set vxlan0 down",
        "net: ip link set vxlan0 mtu 1300",
        "net: ip link set br0 address 02:00:00:00:00:99",
        "net: bridge link set dev vxlan0 learning on",
        "net: ip addr flush dev br0",
        "net: ip addr add 10.0.1.77/24 dev br0",
        "net: ip neigh flush dev vxlan0 nud permanent",
        "net: ip neigh replace 10.0.1.12 lladdr 02:42:0a:00:01:63 dev vxlan0 nud permanent",
        "net: ip -6 neigh del fd00:1::12 dev vxlan0",
        "net: bridge fdb replace 02:42:0a:00:01:0c dev vxlan0 dst 10.99.0.77",
        "net: bridge fdb del 02:42:0a:00:01:0c dev vxlan0 self",
        "net: bridge fdb del 02:42:0a:00:01:0c dev vxlan0 master",
        "net: bridge fdb replace 02:42:0a:00:01:0c dev ep0a00010b master static",
        "net: ip link set ep0a00010b nomaster",
        "net: ip link set ep0a00010b down",
        "net: ip link set ep0a00010b mtu 1400",
        "net: ip link del ep0a00010b",
        "net: sysctl -qw net.ipv4.ip_forward=1",
        "task: ip addr flush dev eth0",
        "task: ip addr del 10.0.1.11/24 dev eth0",
        "task: ip -6 addr del fd00:1::11/64 dev eth0",
        "task: ip link set eth0 down",
        "task: ip link set eth0 mtu 1000",
        "task: ip link set eth0 address 02:00:00:00:00:98",
    ];

    [TestCaseSource(nameof(_damages))]
    public async Task Each_damage_is_found_named_and_healed(string damage)
    {
        Assert.That(await Pass(), Is.Empty, "nothing is wrong before");
        Break(damage);
        List<Repair> seen = [.. Inspect()];
        IReadOnlyList<Repair> repairs = await Pass();
        TestContext.Out.WriteLine(string.Join("; ", repairs));
        Assert.That(seen, Is.Not.Empty.And.SubsetOf(repairs), "an inspection tells the same and changes nothing");
        Assert.That(await Pass(), Is.Empty, "it is healed at once");
        await AnswersAsync();
    }

    [Test]
    public async Task A_wrong_address_that_a_task_resolved_meanwhile_does_not_outlive_the_repair()
    {
        Break("net: ip neigh replace 10.0.1.12 lladdr 02:42:0a:00:01:63 dev vxlan0 nud permanent");
        Break("net: ip -6 neigh replace fd00:1::12 lladdr 02:42:0a:00:01:63 dev vxlan0 nud permanent");
        Break("task: busybox ping -c1 -W1 -q 10.0.1.12 >/dev/null", mayFail: true);
        Break("task: busybox ping -c1 -W1 -q fd00:1::12 >/dev/null", mayFail: true);
        IReadOnlyList<Repair> seen = Endpoint(inspectOnly: true);
        IReadOnlyList<Repair> repairs = await Pass();
        Assert.That(seen, Has.Count.EqualTo(2).And.SubsetOf(repairs));
        Assert.That(
            repairs.Select(static r => $"{r}"),
            Does.Contain("neighbour 10.0.1.12 in the cache of eth0 had 02:42:0a:00:01:63 instead of 02:42:0a:00:01:0c")
                .And.Contain("neighbour fd00:1::12 in the cache of eth0 had 02:42:0a:00:01:63 instead of 02:42:0a:00:01:0c"));
        Assert.That(await Pass(), Is.Empty);
        await AnswersAsync();
    }

    [Test]
    public async Task Random_damage_under_load_heals_within_one_period()
    {
        var random = new Random(TestSeed.Next());
        var period = TimeSpan.FromMilliseconds(500);
        long counted = 0;
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Meter.Name == RepairMetrics.MeterName) { l.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref counted, value));
        listener.Start();
        long reported = 0;
        int begun = 0;
        int ended = 0;
        var reconciler = new Reconciler(NumberedPass, period, 0.1, TimeProvider.System, random.Next());
        reconciler.Repaired += _ => Interlocked.Increment(ref reported);
        reconciler.Failed += e => TestContext.Out.WriteLine(e.Message);
        _net.ServeTcp(_net["task2"], 80, "task2");
        using var stop = new CancellationTokenSource();
        Task load = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await TestNet.AskTcp(_net["task1"], "10.0.1.12", 80).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        });
        await using (reconciler)
        {
            reconciler.Start();
            for (int round = 0; round < 6; round++)
            {
                foreach (string damage in random.GetItems(_damages, random.Next(1, 5)).Distinct())
                {
                    TestContext.Out.WriteLine($"round {round}: {damage}");
                    Break(damage, mayFail: true);
                }

                // Counted in passes, not in milliseconds: this machine may be busy. The next pass to begin is the one of this period.
                int next = Volatile.Read(ref begun) + 1;
                await TestNet.Until(() => Volatile.Read(ref ended) >= next, TimeSpan.FromSeconds(30), "a pass that began after the damage");
                Assert.That(Inspect(), Is.Empty, "healed");
                Assert.That(await TestNet.AskTcp(_net["task1"], "10.0.1.12", 80), Does.StartWith("task2"));
            }
        }

        await stop.CancelAsync();
        await load;
        Assert.That(Interlocked.Read(ref reported), Is.Positive.And.LessThanOrEqualTo(Interlocked.Read(ref counted)), "every repair is an event and counted");

        async Task<IReadOnlyList<Repair>> NumberedPass(CancellationToken cancellationToken)
        {
            int number = Interlocked.Increment(ref begun);
            IReadOnlyList<Repair> repairs = await Pass();
            Volatile.Write(ref ended, number);
            return repairs;
        }
    }

    [Test]
    public async Task Several_damages_at_once_heal_in_one_pass()
    {
        var random = new Random(TestSeed.Next());
        for (int round = 0; round < 40; round++)
        {
            string[] damages = [.. random.GetItems(_damages, random.Next(2, 6)).Distinct()];
            foreach (string damage in damages)
            {
                Break(damage, mayFail: true);
            }

            IReadOnlyList<Repair> repairs = await Pass();
            Assert.That(Inspect(), Is.Empty, $"after {string.Join(", ", damages)}, which took {string.Join("; ", repairs)}");
        }
    }

    [Test]
    public async Task Peers_that_do_not_change_are_not_touched()
    {
        using RtnetlinkMonitor monitor = RtnetlinkMonitor.Open(RtnetlinkGroups.Link | RtnetlinkGroups.Address | RtnetlinkGroups.Neighbour, _networks[0].Namespace);
        _networks[0].SetPeers([new OverlayPeer(_tasks[1], Vtep(2)), new OverlayPeer(IPAddress.Parse("fd00:1::12"), OverlayNetwork.MacOf(_tasks[1]), Vtep(2)), new OverlayPeer(IPAddress.Parse("10.0.1.50"), Vtep(2))]);
        _networks[0].Repair();
        _net.Exec("net1", "ip link set lo alias end");
        var seen = new List<string>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await foreach (RtnetlinkEvent change in monitor.ReadAllAsync(limit.Token))
        {
            if (change.Fdb is { } fdb && (fdb.State & (NeighbourState.Permanent | NeighbourState.NoArp)) == 0)
            {
                // The bridge learns where the task's own frames come from whenever it sends some.
                continue;
            }

            seen.Add(change.Fdb?.Address.ToString() ?? change.Neighbour?.Address.ToString() ?? change.Link?.Name ?? $"{change}");
            if (change.Link?.Alias == "end")
            {
                break;
            }
        }

        string added = OverlayNetwork.MacOf(IPAddress.Parse("10.0.1.50")).ToString();
        Assert.That(seen, Has.Some.EqualTo(added).And.Some.EqualTo("10.0.1.50").And.All.AnyOf(added, "10.0.1.50", "lo"));
    }

    private async Task AnswersAsync()
    {
        _net.ServeTcp(_net["task2"], 80, "task2");
        Assert.That(await TestNet.AskTcp(_net["task1"], "10.0.1.12", 80), Is.EqualTo("task2 10.0.1.11"));
        _net.ServeTcp(_net["task2"], 81, "task2", "fd00:1::12");
        Assert.That(await TestNet.AskTcp(_net["task1"], "fd00:1::12", 81), Is.EqualTo("task2 fd00:1::11"));
    }

    private void Break(string damage, bool mayFail = false)
    {
        string ns = damage.StartsWith("net: ", StringComparison.Ordinal) ? "net1" : "task1";
        string command = damage[(damage.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        _net.Exec(ns, mayFail ? $"sh -c \"{command} 2>/dev/null || true\"" : command);
    }

    private List<Repair> Inspect() => [.. _networks[0].Inspect().Concat(Endpoint(inspectOnly: true)).Distinct()];

    private IReadOnlyList<Repair> Endpoint(bool inspectOnly) =>
        _networks[0].RepairEndpoint(_net["task1"], "eth0", _tasks[0], address6: IPAddress.Parse("fd00:1::11"), inspectOnly: inspectOnly);

    private Task<IReadOnlyList<Repair>> Pass() => Task.FromResult<IReadOnlyList<Repair>>([.. _networks[0].Repair(), .. Endpoint(inspectOnly: false)]);

    private static IPAddress Vtep(int host) => IPAddress.Parse($"10.99.0.{host}");

    private OverlayNetwork Open(int host) => OverlayNetwork.Open(new OverlayNetworkOptions
    {
        Id = "demo",
        Vni = 4097,
        Subnet = IPv4Prefix.Parse("10.0.1.0/24"),
        Gateway = IPAddress.Parse("10.0.1.1"),
        IPv6Subnet = IPNetwork.Parse("fd00:1::/64"),
        LocalVtep = Vtep(host),
        NamespacePath = Path.Combine(_net.Folder, $"net{host}"),
        HostNamespace = _net[$"host{host}"],
    });
}
