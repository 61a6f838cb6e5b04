using System.Net;

namespace SwarmNet.Netlink.Route;

[TestFixture]
[Category("Kernel")]
public sealed class RtnetlinkMonitorTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private TestNamespace _host = null!;
    private Rtnetlink _rtnetlink = null!;
    private CancellationTokenSource _timeout = null!;

    [SetUp]
    public void Open()
    {
        _host = new TestNamespace();
        _rtnetlink = Rtnetlink.Open(_host.Namespace);
        _timeout = new CancellationTokenSource(Deadline);
    }

    [TearDown]
    public void Close()
    {
        _rtnetlink.Dispose();
        _host.Dispose();
        _timeout.Dispose();
    }

    [Test]
    public async Task Every_kind_of_change_is_told()
    {
        using RtnetlinkMonitor monitor = RtnetlinkMonitor.Open(RtnetlinkGroups.All, _host.Namespace);
        var mac = MacAddress.Parse("02:42:0a:00:00:05");
        var address = new AddressEntry { Link = 100, Address = IPAddress.Parse("10.9.0.1"), PrefixLength = 24 };
        var route = new RouteEntry { Destination = IPNetwork.Parse("10.77.0.0/16"), Link = 100 };
        var rule = new RuleEntry { Priority = 777, Table = 1000, From = IPNetwork.Parse("fd00::/64"), IsIPv6 = true };
        var neighbour = new NeighbourEntry { Link = 100, Address = IPAddress.Parse("10.9.0.2"), LinkLayerAddress = mac };
        var fdb = new FdbEntry { Link = 101, Address = mac, Remote = IPAddress.Parse("192.168.1.1") };

        // Another process changes as well.
        _host.Exec("ip", "link add br0 index 100 type bridge");
        Execute(b => b
            .AddLink(new VxlanSpec { Name = "vx0", Index = 101, Vni = 5, Master = 100 }).SetUp(100).SetUp(101)
            .AddAddress(address).AddRoute(route).AddRule(rule).ReplaceNeighbour(neighbour).ReplaceFdb(fdb)
            .DeleteFdb(fdb).DeleteNeighbour(neighbour).DeleteRule(rule).DeleteRoute(route).DeleteAddress(address)
            .SetMaster(101, 0).DeleteLink(101).DeleteLink(100));

        var events = new List<RtnetlinkEvent>();
        await foreach (RtnetlinkEvent e in monitor.ReadAllAsync(_timeout.Token))
        {
            events.Add(e);
            if (e is { Kind: RtnetlinkEventKind.Removed, Link.Index: 100 })
            {
                break;
            }
        }

        Assert.That(Kinds(e => e.Link is { Name: "br0", Kind: "bridge" }), Does.StartWith("Set").And.EndWith("Removed"));
        Assert.That(Kinds(e => e.Link is { Name: "vx0" }), Does.StartWith("Set").And.EndWith("Removed").And.Not.Contain("Removed Set"), "leaving a bridge is no removal");
        Assert.That(events.Last(e => e.Link is { Name: "vx0" } && e.Kind == RtnetlinkEventKind.Set).Link!.Master, Is.Zero);
        Assert.That(Kinds(e => e.Address?.Address.Equals(address.Address) == true), Is.EqualTo("Set Removed"));
        Assert.That(Kinds(e => e.Route?.Destination == route.Destination), Is.EqualTo("Set Removed"));
        Assert.That(Kinds(e => e.Rule == rule), Is.EqualTo("Set Removed"));
        Assert.That(Kinds(e => e.Neighbour?.Address.Equals(neighbour.Address) == true), Does.StartWith("Set").And.EndWith(" Removed"), "the kernel may tell that it failed before it goes");
        Assert.That(Kinds(e => e.Fdb?.Remote?.Equals(fdb.Remote) == true), Is.EqualTo("Set Removed"));
        Assert.That(monitor.Overruns, Is.Zero);

        string Kinds(Func<RtnetlinkEvent, bool> which) => string.Join(' ', events.Where(which).Select(e => e.Kind));
    }

    [Test]
    public async Task A_loss_is_told_once_and_nothing_older_comes_after_it()
    {
        using RtnetlinkMonitor monitor = RtnetlinkMonitor.Open(RtnetlinkGroups.Neighbour, _host.Namespace, receiveBufferBytes: 8 * 1024);
        Execute(b => b.AddLink(new VxlanSpec { Name = "vx0", Index = 101, Vni = 5, Up = true }));
        Execute(b =>
        {
            for (int i = 0; i < 2000; i++)
            {
                b.ReplaceFdb(Fdb(i));
            }
        });

        await using IAsyncEnumerator<RtnetlinkEvent> events = monitor.ReadAllAsync(_timeout.Token).GetAsyncEnumerator();
        Assert.That(await events.MoveNextAsync(), Is.True);
        Assert.That(events.Current.Kind, Is.EqualTo(RtnetlinkEventKind.Overrun));
        Assert.That(monitor.Overruns, Is.EqualTo(1));
        Assert.That(_rtnetlink.GetFdb(101), Has.Count.EqualTo(2000), "the list after the loss is complete");

        // The queue is empty and works again: the next thing told is the next change.
        Execute(b => b.DeleteFdb(Fdb(7)));
        Assert.That(await events.MoveNextAsync(), Is.True);
        Assert.That((events.Current.Kind, events.Current.Fdb?.Address), Is.EqualTo((RtnetlinkEventKind.Removed, Fdb(7).Address)));
        Assert.That(monitor.Overruns, Is.EqualTo(1));
    }

    [Test]
    public async Task A_table_followed_through_losses_is_right_in_the_end()
    {
        int seed = TestSeed.Next();
        using RtnetlinkMonitor monitor = RtnetlinkMonitor.Open(RtnetlinkGroups.Neighbour, _host.Namespace, receiveBufferBytes: 16 * 1024);
        Execute(b => b.AddLink(new VxlanSpec { Name = "vx0", Index = 101, Vni = 5, Up = true }));
        var table = new HashSet<MacAddress>();
        var writer = Task.Run(() =>
        {
            var random = new Random(seed);
            for (int round = 0; round < 200; round++)
            {
                Execute(b =>
                {
                    for (int n = random.Next(1, 100); n > 0; n--)
                    {
                        _ = random.Next(3) == 0 ? b.DeleteFdb(Fdb(random.Next(300)), ignoreMissing: true) : b.ReplaceFdb(Fdb(random.Next(300)));
                    }
                });
            }

            Execute(b => b.ReplaceFdb(Fdb(999)));
        });

        int overruns = 0;
        await foreach (RtnetlinkEvent e in monitor.ReadAllAsync(_timeout.Token))
        {
            if (e.Kind == RtnetlinkEventKind.Overrun)
            {
                overruns++;
                table = [.. _rtnetlink.GetFdb(101).Select(f => f.Address)];
            }
            else if (e.Fdb is { } fdb && fdb.Remote is not null)
            {
                _ = e.Kind == RtnetlinkEventKind.Set ? table.Add(fdb.Address) : table.Remove(fdb.Address);
            }

            if (table.Contains(Fdb(999).Address))
            {
                break;
            }
        }

        await writer;
        TestContext.Out.WriteLine($"{overruns} overruns");
        Assert.That(table, Is.EquivalentTo(_rtnetlink.GetFdb(101).Select(f => f.Address)));
    }

    [Test]
    public async Task Reading_ends_by_cancellation_and_by_Dispose()
    {
        using RtnetlinkMonitor monitor = RtnetlinkMonitor.Open(RtnetlinkGroups.Link, _host.Namespace);
        using var cancel = new CancellationTokenSource();
        Task first = Count(monitor, cancel.Token);
        Assert.That(async () => await Count(monitor, default), Throws.InvalidOperationException.With.Message.Contains("read already"));
        await cancel.CancelAsync();
        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());

        Task<int> second = Count(monitor, _timeout.Token);
        monitor.Dispose();
        Assert.That(await second, Is.Zero);
        Assert.That(await Count(monitor, _timeout.Token), Is.Zero, "nothing is left to read");

        static async Task<int> Count(RtnetlinkMonitor monitor, CancellationToken cancellationToken)
        {
            int count = 0;
            await foreach (RtnetlinkEvent _ in monitor.ReadAllAsync(cancellationToken))
            {
                count++;
            }

            return count;
        }
    }

    [Test]
    public void A_group_that_does_not_exist_is_refused()
    {
        Assert.That(() => NetlinkSubscription.Open(Linux.Libc.NETLINK_ROUTE, [4242], _host.Namespace), Throws.TypeOf<NetlinkException>().With.Message.Contains("join group 4242"));
    }

    private static FdbEntry Fdb(int number) =>
        new() { Link = 101, Address = new MacAddress(2, 0, 0, 0, (byte)(number >> 8), (byte)number), Remote = IPAddress.Parse("192.168.1.1") };

    private void Execute(Action<RtnetlinkBatch> fill)
    {
        var batch = new RtnetlinkBatch();
        fill(batch);
        _rtnetlink.Execute(batch);
    }
}
