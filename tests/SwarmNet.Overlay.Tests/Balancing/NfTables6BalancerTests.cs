using System.Net;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Balancing;

/// <summary>The balancer by nf_tables with IPv6: what all do, and what is in its table.</summary>
public sealed class NfTables6BalancerTests() : ServiceBalancerTests(BalancerKind.NfTables, ipv6: true)
{
    [TestCase("delete element ip6 swarmnet_balancer slots { fd00:1::100 . 0x00000005 }", "set slots of table swarmnet_balancer differed in 1 element")]
    [TestCase("flush chain ip6 swarmnet_balancer tier_23", "rules of chain tier_23 of table swarmnet_balancer was altered")]
    [TestCase("delete table ip6 swarmnet_balancer", "table swarmnet_balancer was missing")]
    public async Task What_somebody_else_changed_is_repaired_and_named(string change, string report)
    {
        VirtualService[] services =
        [
            Service(Vip, 11, 12),
            Service("fd00:1::101", 13) with { Affinity = new ClientAffinity { Timeout = TimeSpan.FromMinutes(1) }, Timeouts = new FlowTimeouts { Udp = TimeSpan.FromSeconds(50) } },
        ];
        Balancer.SetServices(services);
        Assert.That(await TestNet.AskTcp(Net["client"], "fd00:1::101", 80), Does.StartWith("b3"));
        Assert.That(Balancer.Repair(), Is.Empty, "clients that are remembered are no drift");
        Net.Exec("client", $"nft {change}");
        Assert.That(string.Join('|', Balancer.Repair()), Is.EqualTo(report));
        Assert.That(Balancer.Repair(), Is.Empty);
        Assert.That(await TestNet.AskTcp(Net["client"], Vip, 80), Does.StartWith("b1").Or.StartsWith("b2"));
    }

    [Test]
    public async Task Both_families_are_served_side_by_side_and_each_changes_alone()
    {
        VirtualService v4 = new(IPAddress.Parse("10.0.1.100"), [new Backend(IPAddress.Parse("10.0.1.11"))]);
        Net.ServeTcp(Net["b1"], 81, "b1");
        Balancer.SetServices([v4, Service(Vip, 12)]);
        Assert.That(await TestNet.AskTcp(Net["client"], "10.0.1.100", 81), Is.EqualTo("b1 10.0.1.1"));
        Assert.That(await TestNet.AskTcp(Net["client"], Vip, 80), Is.EqualTo("b2 fd00:1::1"));
        Assert.That(Balancer.SetServices([v4, Service(Vip, 12)]), Is.Zero);
        Assert.That(Balancer.SetServices([v4]), Is.EqualTo(3), "its slot, its tier and itself");
        Assert.That(await TestNet.AskTcp(Net["client"], "10.0.1.100", 81), Is.EqualTo("b1 10.0.1.1"));
        Assert.That(Net.Exec("client", "nft list set ip6 swarmnet_balancer frontends"), Does.Not.Contain("fd00"));
    }

    [Test]
    public void A_namespace_without_ipv6_services_has_no_table_for_them()
    {
        Balancer.SetServices([new VirtualService(IPAddress.Parse("10.0.1.100"), [new Backend(IPAddress.Parse("10.0.1.11"))])]);
        Assert.That(Net.Exec("client", "nft list tables"), Does.Contain("ip swarmnet_balancer").And.Not.Contain("ip6"));
    }

    [Test]
    public void A_restarted_balancer_empties_what_the_earlier_one_served()
    {
        Balancer.SetServices([Service(Vip, 11)]);
        Balancer.Dispose();
        using IServiceBalancer next = ServiceBalancer.Open(Net["client"], BalancerKind.NfTables);
        Assert.That(next.SetServices([]), Is.Positive);
        Assert.That(Net.Exec("client", "nft list set ip6 swarmnet_balancer frontends"), Does.Not.Contain("fd00"));
    }

    /// <inheritdoc/>
    protected override string State() => Net.Exec("client", "nft list ruleset");
}
