using System.Net;
using System.Net.Sockets;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Balancing;

/// <summary>The balancer by nf_tables: what all do, and what is in its table.</summary>
public sealed class NfTablesBalancerTests() : ServiceBalancerTests(BalancerKind.NfTables)
{
    [TestCase("delete element ip swarmnet_balancer slots { 10.0.1.100 . 0x00000005 }", "set slots of table swarmnet_balancer differed in 1 element")]
    [TestCase("add element ip swarmnet_balancer frontends { 10.0.1.199 }", "set frontends of table swarmnet_balancer differed in 1 element")]
    [TestCase("flush map ip swarmnet_balancer tiers", "set tiers of table swarmnet_balancer differed in 2 elements")]
    [TestCase("flush chain ip swarmnet_balancer tier_23", "rules of chain tier_23 of table swarmnet_balancer was altered")]
    [TestCase("insert rule ip swarmnet_balancer output drop", "rules of chain output of table swarmnet_balancer was altered")]
    [TestCase("add chain ip swarmnet_balancer output { policy drop; }", "chain output of table swarmnet_balancer was altered")]
    [TestCase("add chain ip swarmnet_balancer mine", "chain mine of table swarmnet_balancer was not ours")]
    [TestCase("add table ip swarmnet_balancer { flags dormant; }", "table swarmnet_balancer was altered")]
    [TestCase("delete table ip swarmnet_balancer", "table swarmnet_balancer was missing")]
    public async Task What_somebody_else_changed_is_repaired_and_named(string change, string report)
    {
        VirtualService[] services =
        [
            Service(Vip, 11, 12),
            new VirtualService(IPAddress.Parse("10.0.1.101"), [new Backend(Ip(13)), new Backend(Ip(12), 0)])
            {
                Affinity = new ClientAffinity { Timeout = TimeSpan.FromMinutes(1) },
                Timeouts = new FlowTimeouts { Udp = TimeSpan.FromSeconds(50) },
            },
        ];
        Balancer.SetServices(services);
        Assert.That(await TestNet.AskTcp(Net["client"], "10.0.1.101", 80), Does.StartWith("b3"));
        Assert.That(Balancer.Repair(), Is.Empty, "clients that are remembered are no drift");
        Net.Exec("client", $"nft {change}");
        Assert.That(Balancer.SetServices(services), Is.Zero, "it is not looked for each time");
        Assert.That(string.Join('|', Balancer.Repair(inspectOnly: true)), Is.EqualTo(report));
        Assert.That(string.Join('|', Balancer.Repair()), Is.EqualTo(report), "looking changed nothing");
        Assert.That(Balancer.Repair(), Is.Empty);
        Assert.That(await TestNet.AskTcp(Net["client"], Vip, 80), Does.StartWith("b1").Or.StartsWith("b2"));
        Assert.That(await TestNet.AskTcp(Net["client"], "10.0.1.101", 80), Does.StartWith("b3"));
    }

    [Test]
    public async Task A_restarted_balancer_repairs_what_happened_before_it_came()
    {
        Balancer.SetServices([Service(Vip, 11, 12)]);
        Balancer.Dispose();
        Net.Exec("client", "nft insert rule ip swarmnet_balancer output drop");
        using IServiceBalancer next = ServiceBalancer.Open(Net["client"], BalancerKind.NfTables);
        Assert.That(next.SetServices([Service(Vip, 11, 12)]), Is.Zero);
        Assert.That(next.Repair(), Has.Count.EqualTo(1));
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
    public async Task Idle_connections_are_kept_for_days_unless_the_service_says_otherwise()
    {
        Net.ServeTcp(Net["b1"], 81, "held", hold: true);
        var timeouts = new FlowTimeouts { TcpEstablished = TimeSpan.FromSeconds(1000), Udp = TimeSpan.FromSeconds(77) };
        Balancer.SetServices([Service(Vip, 11), Service("10.0.1.101", 11) with { Timeouts = timeouts }]);
        using Socket usual = await Connect(Vip);
        using Socket hasty = await Connect("10.0.1.101");
        await TestNet.AskUdp(Net["client"], "10.0.1.101", 80);
        Assert.That(SecondsLeft("tcp", Vip), Is.InRange(431_000, 432_000), "five days, not 15 minutes");
        Assert.That(SecondsLeft("tcp", "10.0.1.101"), Is.InRange(900, 1000));
        Assert.That(SecondsLeft("udp", "10.0.1.101"), Is.InRange(70, 77));

        // A change of the timeouts, and a new process, which finds what is there.
        Balancer.SetServices([Service(Vip, 11), Service("10.0.1.101", 11) with { Timeouts = timeouts with { TcpEstablished = TimeSpan.FromSeconds(500) } }]);
        Balancer.Dispose();
        using IServiceBalancer next = ServiceBalancer.Open(Net["client"], BalancerKind.NfTables);
        Assert.That(next.SetServices([Service(Vip, 11), Service("10.0.1.101", 11) with { Timeouts = timeouts with { TcpEstablished = TimeSpan.FromSeconds(500) } }]), Is.Zero);
        hasty.Dispose();
        Net.Exec("client", "conntrack -F");
        using Socket hastier = await Connect("10.0.1.101");
        Assert.That(SecondsLeft("tcp", "10.0.1.101"), Is.InRange(400, 500));

        async Task<Socket> Connect(string vip)
        {
            Socket socket = TestNet.OpenSocket(Net["client"], SocketType.Stream);
            await socket.ConnectAsync(IPAddress.Parse(vip), 81);
            Assert.That(await socket.ReceiveAsync(new byte[100]), Is.Positive);
            return socket;
        }

        // "tcp 6 431999 ESTABLISHED src=… dst=VIP …"
        int SecondsLeft(string protocol, string vip) => Net.Exec("client", $"conntrack -L -p {protocol} --orig-dst {vip}").Split('\n')
            .Where(static line => line.Contains("ESTABLISHED", StringComparison.Ordinal) || line.StartsWith("udp", StringComparison.Ordinal))
            .Select(static line => int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2]))
            .Single();
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
        Assert.That(redirect.Repair(), Is.Empty);
        Net.Exec("client", "nft flush chain ip swarmnet_dns output");
        Assert.That(string.Join('|', redirect.Repair(inspectOnly: true)), Is.EqualTo("rules of chain output of table swarmnet_dns was altered"));
        Assert.That(string.Join('|', redirect.Repair()), Is.EqualTo("rules of chain output of table swarmnet_dns was altered"), "looking changed nothing");
        Assert.That(await TestNet.AskTcp(Net["client"], "127.0.0.11", 53), Does.StartWith("tcp"));
        Assert.That(await TestNet.AskUdp(client, "127.0.0.11", 53), Does.StartWith("new"), "services and DNS do not disturb each other");
    }

    protected override string State() => Net.Exec("client", "nft list ruleset");
}
