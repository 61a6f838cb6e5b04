using System.Net;
using SwarmNet.Netlink.Ipvs;
using SwarmNet.Overlay.Balancing.Ipvs;

namespace SwarmNet.Overlay.Balancing;

/// <summary>What differs between two states of IPVS, without a kernel that has it.</summary>
public sealed class IpvsPlannerTests
{
    private const uint Vip = 0x0a000164; // 10.0.1.100
    private const uint Mark = IpvsFrontend.FirstMark;
    private static readonly Dictionary<uint, IpvsFrontend> _nothing = [];

    [Test]
    public void A_new_address_gets_both_services_and_their_backends_before_its_mark()
    {
        IpvsPlan plan = Plan(_nothing, Frontend((11, 1), (12, 3)));
        Assert.That(plan.NewServices.Select(static service => service.Id.FirewallMark), Is.EqualTo(new[] { Mark, Mark | 1 }));
        Assert.That(plan.NewBackends, Is.EquivalentTo(new[] { (Mark, Ip(11), 1), (Mark, Ip(12), 3), (Mark | 1, Ip(11), 1), (Mark | 1, Ip(12), 3) }));
        Assert.That(plan.NewMarks, Is.EqualTo(new[] { (Vip, Mark) }));
        Assert.That(plan.Count, Is.EqualTo(7));
    }

    [Test]
    public void The_same_again_is_nothing() => Assert.That(Plan(State(Frontend((11, 1), (12, 0))), Frontend((11, 1), (12, 0))).Count, Is.Zero);

    [Test]
    public void A_backend_that_is_drained_keeps_its_connections_and_loses_its_datagrams()
    {
        IpvsPlan plan = Plan(State(Frontend((11, 1), (12, 1))), Frontend((11, 1), (12, 0)));
        Assert.That(plan.ChangedBackends, Is.EqualTo(new[] { (Mark, Ip(12), 0) }));
        Assert.That(plan.GoneBackends, Is.EqualTo(new[] { (Mark | 1, Ip(12)) }));
        Assert.That(plan.DrainedFlows, Is.EqualTo(new[] { (Vip, Ip(12)) }));
        Assert.That(plan.GoneFlows, Is.Empty);
        Assert.That(plan.Count, Is.EqualTo(2));
    }

    [Test]
    public void A_backend_that_is_no_longer_listed_goes_with_all_its_flows()
    {
        IpvsPlan plan = Plan(State(Frontend((11, 1), (12, 0))), Frontend((11, 1)));
        Assert.That(plan.GoneBackends, Is.EqualTo(new[] { (Mark, Ip(12)) }), "its datagrams went when it was drained");
        Assert.That(plan.GoneFlows, Is.EqualTo(new[] { (Vip, Ip(12)) }));
    }

    [Test]
    public void Another_way_to_choose_changes_the_services_and_no_backend()
    {
        IpvsFrontend sticky = IpvsFrontend.For(Mark, Service((11, 1)) with { Affinity = new ClientAffinity { Timeout = TimeSpan.FromSeconds(2.5) } });
        IpvsPlan plan = Plan(State(Frontend((11, 1))), sticky);
        Assert.That(plan.ChangedServices.Select(static service => (service.Id.FirewallMark, service.Scheduler, service.PersistenceSeconds)),
            Is.EqualTo(new[] { (Mark, IpvsScheduler.MaglevHash, 3u), (Mark | 1, IpvsScheduler.MaglevHash, 3u) }));
        Assert.That(plan.Count, Is.EqualTo(2));
    }

    [Test]
    public void An_address_that_goes_takes_services_mark_and_flows_with_it_also_when_half_of_it_is_missing([Values] bool isWhole)
    {
        IpvsFrontend old = Frontend((11, 1));
        IpvsPlan plan = Plan(State(isWhole ? old : old with { Datagrams = null }), null);
        Assert.That(plan.GoneMarks, Is.EqualTo(new[] { (Vip, Mark) }));
        Assert.That(plan.GoneServices, Is.EqualTo(isWhole ? new[] { Mark, Mark | 1 } : [Mark]));
        Assert.That(plan.GoneFlows, Is.EqualTo(new[] { (Vip, Ip(11)) }));
        Assert.That(Plan(_nothing, null).Count, Is.Zero, "what is not there need not go");
    }

    [Test]
    public void A_service_that_somebody_removed_is_made_again_with_its_backends()
    {
        IpvsFrontend wanted = Frontend((11, 1));
        IpvsPlan plan = Plan(State(wanted with { Datagrams = null }), wanted);
        Assert.That(plan.NewServices.Select(static service => service.Id.FirewallMark), Is.EqualTo(new[] { Mark | 1 }));
        Assert.That(plan.NewBackends, Is.EqualTo(new[] { (Mark | 1, Ip(11), 1) }));
        Assert.That(plan.NewMarks, Is.Empty);
    }

    [Test]
    public void Another_mark_replaces_the_whole()
    {
        IpvsFrontend old = Frontend((11, 1));
        IpvsPlan plan = Plan(State(old), old with { Mark = Mark + 2 });
        Assert.That(plan.GoneServices, Is.EqualTo(new[] { Mark, Mark | 1 }));
        Assert.That(plan.GoneMarks, Is.EqualTo(new[] { (Vip, Mark) }));
        Assert.That(plan.NewMarks, Is.EqualTo(new[] { (Vip, Mark + 2) }));
    }

    [Test]
    public void Marks_are_the_lowest_that_are_free_until_there_are_no_more()
    {
        var marks = new MarkAllocator([Frontend((11, 1)), Frontend((11, 1)) with { Mark = Mark + 4 }]);
        Assert.That(new[] { marks.Next(), marks.Next(), marks.Next() }, Is.EqualTo(new[] { Mark + 2, Mark + 6, Mark + 8 }));
        Assert.That(new MarkAllocator([]).Next(), Is.EqualTo(Mark));

        var full = new MarkAllocator(Enumerable.Range(0, IpvsFrontend.MaxFrontends).Select(static i => new IpvsFrontend(Mark + (2 * (uint)i), null, null)));
        Assert.That(full.Next, Throws.TypeOf<OverlayException>().With.Message.EqualTo("A namespace can have 1048576 virtual addresses at most."));
    }

    /// <summary>TCP and UDP seconds of each service, 0 = it does not say; expected those of the namespace.</summary>
    [TestCase("", "432000 120", TestName = "no services: as connection tracking has them")]
    [TestCase("0/0", "432000 120", TestName = "a service that does not say")]
    [TestCase("60/5", "60 5", TestName = "a service alone")]
    [TestCase("60/5 0/0", "432000 120", TestName = "who does not say has the default")]
    [TestCase("60/5 90/3", "90 5", TestName = "the longest of each")]
    public void The_longest_timeouts_count(string services, string expected)
    {
        VirtualService[] wanted = [.. services.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static text =>
        {
            TimeSpan?[] times = [.. text.Split('/').Select(static part => part == "0" ? (TimeSpan?)null : TimeSpan.FromSeconds(double.Parse(part, System.Globalization.CultureInfo.InvariantCulture)))];
            return Service((11, 1)) with { Timeouts = new FlowTimeouts { TcpEstablished = times[0], Udp = times[1] } };
        })];
        IpvsTimeouts found = IpvsTimes.Of(wanted);
        Assert.That($"{found.Tcp} {found.Udp}", Is.EqualTo(expected));
    }

    private static uint Ip(int last) => 0x0a000100u + (uint)last;

    private static VirtualService Service(params (int Last, int Weight)[] backends) =>
        new(IPAddress.Parse("10.0.1.100"), [.. backends.Select(static backend => new Backend(IPAddress.Parse($"10.0.1.{backend.Last}"), backend.Weight))]);

    private static IpvsFrontend Frontend(params (int Last, int Weight)[] backends) => IpvsFrontend.For(Mark, Service(backends));

    private static Dictionary<uint, IpvsFrontend> State(IpvsFrontend frontend) => new() { [Vip] = frontend };

    private static IpvsPlan Plan(Dictionary<uint, IpvsFrontend> current, IpvsFrontend? wanted) =>
        IpvsPlanner.Plan(current, new Dictionary<uint, IpvsFrontend?> { [Vip] = wanted });
}
