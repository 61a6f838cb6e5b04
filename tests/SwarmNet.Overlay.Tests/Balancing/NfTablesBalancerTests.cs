using System.Net;
using System.Net.Sockets;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Balancing;

/// <summary>The balancer by nf_tables: what all do, and what is in its table.</summary>
public sealed class NfTablesBalancerTests() : ServiceBalancerTests(BalancerKind.NfTables)
{
    private const string Vip = "10.0.1.100";

    [Test]
    public async Task What_somebody_else_changed_is_repaired()
    {
        Balancer.SetServices([Service(Vip, 11, 12)]);
        Assert.That(Balancer.Repair(), Is.Empty);
        Net.Exec("client", "nft delete element ip swarmnet_balancer slots { 10.0.1.100 . 0x00000005 }");
        Net.Exec("client", "nft add element ip swarmnet_balancer frontends { 10.0.1.199 }");
        string wanted = State();
        Assert.That(Balancer.SetServices([Service(Vip, 11, 12)]), Is.Zero, "it is not looked for each time");
        Assert.That(string.Join('|', Balancer.Repair()), Is.EqualTo("table swarmnet_balancer differed in 2 elements"));
        Assert.That(Net.Exec("client", "nft list set ip swarmnet_balancer frontends"), Does.Not.Contain("10.0.1.199"));
        Assert.That(Balancer.Repair(), Is.Empty);

        Net.Exec("client", "nft delete table ip swarmnet_balancer");
        Assert.That(Balancer.Repair(), Has.Count.EqualTo(1));
        Assert.That(await TestNet.AskTcp(Net["client"], Vip, 80), Does.StartWith("b"));
    }

    [Test]
    public void Wide_services_use_the_large_tier()
    {
        int[] many = [.. Enumerable.Range(11, 200)];
        Balancer.SetServices([Service(Vip, many)]);
        Assert.That(Net.Exec("client", "nft list map ip swarmnet_balancer tiers"), Does.Contain("goto tier_1021"));
        Assert.That(Balancer.SetServices([Service(Vip, many[1..])]), Is.InRange(2, 20), "only the slots of the one that left change");
    }

    [Test]
    public async Task Dns_queries_go_to_the_resolvers_ports()
    {
        Net.ServeUdp(Net["client"], 40001, "udp", "127.0.0.11");
        Net.ServeTcp(Net["client"], 40002, "tcp", "127.0.0.11");
        Net.ServeUdp(Net["client"], 40003, "new", "127.0.0.11");
        using Socket client = TestNet.OpenSocket(Net["client"], SocketType.Dgram);
        using DnsRedirect redirect = DnsRedirect.Open(Net["client"]);
        redirect.Set(IPAddress.Parse("127.0.0.11"), 40001, 40002);
        Assert.That(await TestNet.AskUdp(client, "127.0.0.11", 53), Does.StartWith("udp"));
        Assert.That(await TestNet.AskTcp(Net["client"], "127.0.0.11", 53), Does.StartWith("tcp"));

        redirect.Set(IPAddress.Parse("127.0.0.11"), 40003, 40002);
        Assert.That(await TestNet.AskUdp(client, "127.0.0.11", 53), Does.StartWith("new"));
        Balancer.SetServices([Service(Vip, 11)]);
        Assert.That(await TestNet.AskUdp(client, "127.0.0.11", 53), Does.StartWith("new"), "services and DNS do not disturb each other");
    }

    protected override string State() => Net.Exec("client", "nft list ruleset");
}
