using System.Net;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Balancing;

/// <summary>The balancer by IP virtual server: what all do, and what it makes of services.</summary>
[GuestFixture]
public sealed class IpvsBalancerTests() : ServiceBalancerTests(BalancerKind.Ipvs)
{
    // Maglev's table moves some; 30 clients of 3 backends showed 0 to 2.
    protected override int OthersThatMayMove => 4;

    [Test]
    public void Services_are_taken_by_mark_with_one_for_connections_and_one_for_datagrams()
    {
        Net.Exec("client", "ipvsadm -A -f 1 -s rr");
        Balancer.SetServices(
        [
            new VirtualService(IPAddress.Parse(Vip), [new Backend(Ip(11), 2), new Backend(Ip(12), 0)]),
            Service("10.0.1.101", 13) with { Affinity = new ClientAffinity { Timeout = TimeSpan.FromMinutes(5) } },
        ]);

        // 0x56000000 is 1442840576.
        Assert.That(Net.Exec("client", "ipvsadm -Sn").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Trim()), Is.EquivalentTo(new[]
        {
            "-A -f 1 -s rr",
            "-A -f 1442840576 -s wrr",
            "-a -f 1442840576 -r 10.0.1.11:0 -m -w 2",
            "-a -f 1442840576 -r 10.0.1.12:0 -m -w 0",
            "-A -f 1442840577 -s wrr",
            "-a -f 1442840577 -r 10.0.1.11:0 -m -w 2",
            "-A -f 1442840578 -s mh -p 300 -b mh-fallback",
            "-a -f 1442840578 -r 10.0.1.13:0 -m -w 1",
            "-A -f 1442840579 -s mh -p 300 -b mh-fallback",
            "-a -f 1442840579 -r 10.0.1.13:0 -m -w 1",
        }));
        Assert.That(Net.Exec("client", "nft list chain ip swarmnet_balancer classify"), Does.Contain("type filter hook output priority mangle"));

        Balancer.Delete();
        Assert.That(Net.Exec("client", "ipvsadm -Sn").Trim(), Is.EqualTo("-A -f 1 -s rr"), "what somebody else made stays");
    }

    [Test]
    public void The_longest_timeouts_that_a_service_asks_for_hold_for_the_namespace()
    {
        Balancer.SetServices([Service(Vip, 11)]);
        Assert.That(Timeouts(), Is.EqualTo("432000 120 120"), "idle connections are not cut after 15 minutes");
        FlowTimeouts brief = new() { TcpEstablished = TimeSpan.FromMinutes(1), Udp = TimeSpan.FromSeconds(5) };
        Balancer.SetServices([Service(Vip, 11) with { Timeouts = brief }]);
        Assert.That(Timeouts(), Is.EqualTo("60 120 5"));
        Balancer.SetServices([Service(Vip, 11) with { Timeouts = brief }, Service("10.0.1.101", 11) with { Timeouts = new FlowTimeouts { Udp = TimeSpan.FromHours(1) } }]);
        Assert.That(Timeouts(), Is.EqualTo("432000 120 3600"));

        string Timeouts() => Net.Exec("client", "ipvsadm -Ln --timeout").Split(':')[1].Trim();
    }

    [Test]
    public async Task What_somebody_else_changed_is_repaired()
    {
        Balancer.SetServices([Service(Vip, 11, 12)]);
        Assert.That(Balancer.Repair(), Is.Empty);
        Net.Exec("client", "ipvsadm -d -f 1442840576 -r 10.0.1.11:0");
        Net.Exec("client", "ipvsadm -e -f 1442840576 -r 10.0.1.12:0 -m -w 7");
        Net.Exec("client", "ipvsadm -D -f 1442840577");
        Net.Exec("client", "ipvsadm -A -f 1442840600");
        Assert.That(string.Join('|', Balancer.Repair(inspectOnly: true)), Is.EqualTo("services of ip_vs differed in 6 entries"));
        Assert.That(string.Join('|', Balancer.Repair()), Is.EqualTo("services of ip_vs differed in 6 entries"), "looking changed nothing");
        Assert.That(Balancer.Repair(), Is.Empty);

        Net.Exec("client", "nft delete table ip swarmnet_balancer");
        Assert.That(string.Join('|', Balancer.Repair()), Is.EqualTo("table swarmnet_balancer was missing"));
        Assert.That(await TestNet.AskTcp(Net["client"], Vip, 80), Does.StartWith("b"));
    }

    [Test]
    public void A_kernel_with_everything_has_no_obstacle_and_the_trial_leaves_nothing()
    {
        string before = State();
        Assert.That(ServiceBalancer.FindObstacle(Net["client"], BalancerKind.Ipvs), Is.Null);
        Assert.That(ServiceBalancer.FindObstacle(Net["client"], BalancerKind.NfTables), Is.Null);
        Assert.That(State(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_call_that_the_kernel_refuses_leaves_what_was_there()
    {
        Balancer.SetServices([Service(Vip, 11)]);
        string before = State();

        // The second service's mark is taken by somebody else.
        Net.Exec("client", "ipvsadm -A -f 1442840579 -s rr");
        Assert.That(
            () => Balancer.SetServices([Service(Vip, 12), Service("10.0.1.101", 13)]),
            Throws.TypeOf<Netlink.NetlinkException>().With.Message.Contains("add service"));
        Assert.That(State(), Is.EqualTo(before));
        Assert.That(await TestNet.AskTcp(Net["client"], Vip, 80), Does.StartWith("b1"));
        Assert.That(Balancer.SetServices([Service(Vip, 12), Service("10.0.1.101", 13)]), Is.Positive, "now that the mark is free");
        Assert.That(await TestNet.AskTcp(Net["client"], "10.0.1.101", 80), Does.StartWith("b3"));
    }

    [Test]
    public async Task It_takes_over_from_the_other_balancer_and_gives_back()
    {
        using (IServiceBalancer other = ServiceBalancer.Open(Net["client"], BalancerKind.NfTables))
        {
            other.SetServices([Service(Vip, 11)]);
        }

        Balancer.SetServices([Service(Vip, 12)]);
        Assert.That(await TestNet.AskTcp(Net["client"], Vip, 80), Does.StartWith("b2"));
        using (IServiceBalancer other = ServiceBalancer.Open(Net["client"], BalancerKind.NfTables))
        {
            other.SetServices([Service(Vip, 13)]);
        }

        Assert.That(await TestNet.AskTcp(Net["client"], Vip, 80), Does.StartWith("b3"));
    }

    protected override string State() => Net.Exec("client", "nft list ruleset") + Net.Exec("client", "ipvsadm -Sn");
}
