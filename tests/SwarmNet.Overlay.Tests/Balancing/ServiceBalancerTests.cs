using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Balancing;

/// <summary>A client and three servers on one Ethernet segment, 10.0.1.0/24; virtual addresses from .100.</summary>
[Category("Kernel")]
public sealed class ServiceBalancerTests
{
    private const string Vip = "10.0.1.100";
    private TestNet _net = null!;
    private ServiceBalancer _balancer = null!;

    [SetUp]
    public void Build()
    {
        _net = new TestNet();
        _net.Switch("lan", "eth0", ("client", "10.0.1.1/24"), ("b1", "10.0.1.11/24"), ("b2", "10.0.1.12/24"), ("b3", "10.0.1.13/24"));
        foreach (string backend in new[] { "b1", "b2", "b3", "client" })
        {
            _net.ServeTcp(_net[backend], 80, backend);
            _net.ServeUdp(_net[backend], 80, backend);
        }

        _balancer = ServiceBalancer.Open(_net["client"]);
    }

    [TearDown]
    public void Remove()
    {
        _balancer.Dispose();
        _net.Dispose();
    }

    [Test]
    public async Task Connections_to_the_vip_are_spread_evenly_and_show_the_clients_address()
    {
        _balancer.SetServices([Service(Vip, 11, 12, 13)]);
        Dictionary<string, int> counts = await TestNet.CountTcp(_net["client"], Vip, 80, 61);
        Assert.That(counts.Values, Is.All.InRange(20, 21));
        Assert.That(counts.Keys, Is.EquivalentTo(new[] { "b1", "b2", "b3" }));
        Assert.That(await TestNet.AskTcp(_net["client"], Vip, 80), Does.EndWith(" 10.0.1.1"));
        Assert.That(await TestNet.AskUdp(_net["client"], Vip, 80), Does.EndWith(" 10.0.1.1"));
    }

    [Test]
    public async Task Weights_shape_the_shares()
    {
        _balancer.SetServices([new VirtualService(IPAddress.Parse(Vip), [new Backend(Ip(11), 1), new Backend(Ip(12), 3), new Backend(Ip(13), 0)])]);
        Dictionary<string, int> counts = await TestNet.CountTcp(_net["client"], Vip, 80, 61);
        Assert.That(counts, Is.EqualTo(new Dictionary<string, int> { ["b1"] = 15, ["b2"] = 46 }));
    }

    [Test]
    public async Task A_backend_reaches_itself_through_its_own_vip()
    {
        _balancer.SetServices([Service(Vip, 1)]);
        Assert.That(await TestNet.AskTcp(_net["client"], Vip, 80), Is.EqualTo("client 10.0.1.1"));
        Assert.That(await TestNet.AskUdp(_net["client"], Vip, 80), Does.StartWith("client "));
    }

    [Test]
    public async Task Clients_that_alternate_between_services_reach_every_backend_of_both()
    {
        _balancer.SetServices([Service(Vip, 11, 12), Service("10.0.1.101", 11, 12)]);
        var first = new HashSet<string>();
        var second = new HashSet<string>();
        for (int i = 0; i < 20; i++)
        {
            first.Add(await TestNet.AskTcp(_net["client"], Vip, 80));
            second.Add(await TestNet.AskTcp(_net["client"], "10.0.1.101", 80));
        }

        Assert.That((first.Count, second.Count), Is.EqualTo((2, 2)));
    }

    [Test]
    public async Task A_vip_without_backends_refuses_at_once()
    {
        _balancer.SetServices([Service(Vip)]);
        SocketException error = (await Assert.ThrowsAsync<SocketException>(() => TestNet.AskTcp(_net["client"], Vip, 80)))!;
        Assert.That(error.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
    }

    [Test]
    public async Task An_udp_client_that_keeps_its_port_leaves_a_removed_backend_at_once()
    {
        using Socket socket = TestNet.OpenSocket(_net["client"], SocketType.Dgram);
        _balancer.SetServices([Service(Vip, 11)]);
        Assert.That(await TestNet.AskUdp(socket, Vip, 80), Does.StartWith("b1"));
        _balancer.SetServices([Service(Vip, 11, 12)]);
        Assert.That(await TestNet.AskUdp(socket, Vip, 80), Does.StartWith("b1"), "a flow stays with its backend");
        _balancer.SetServices([Service(Vip, 12)]);
        Assert.That(await TestNet.AskUdp(socket, Vip, 80), Does.StartWith("b2"));
    }

    [Test]
    public async Task Established_connections_survive_their_backends_removal_until_they_are_forgotten()
    {
        _balancer.SetServices([Service(Vip, 11)]);
        using Socket server = TestNet.OpenSocket(_net["b1"], SocketType.Stream);
        server.Bind(new IPEndPoint(IPAddress.Any, 81));
        server.Listen();
        using Socket client = TestNet.OpenSocket(_net["client"], SocketType.Stream);
        await client.ConnectAsync(IPAddress.Parse(Vip), 81);
        using Socket peer = await server.AcceptAsync();

        _balancer.SetServices([Service(Vip, 12)]);
        await client.SendAsync(new byte[] { 1 });
        Assert.That(await peer.ReceiveAsync(new byte[8]), Is.EqualTo(1));

        _balancer.ForgetFlows([Ip(11)]);
        await client.SendAsync(new byte[] { 2 });
        SocketException error = (await Assert.ThrowsAsync<SocketException>(async () => await client.ReceiveAsync(new byte[8])))!;
        Assert.That(error.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task A_new_balancer_over_the_same_namespace_goes_on_from_what_is_there()
    {
        _balancer.SetServices([Service(Vip, 11, 12), Service("10.0.1.101", 13)]);
        _balancer.Dispose();
        Assert.That(await TestNet.AskTcp(_net["client"], "10.0.1.101", 80), Does.StartWith("b3"));

        using ServiceBalancer next = ServiceBalancer.Open(_net["client"]);
        Assert.That(next.SetServices([Service(Vip, 11, 12), Service("10.0.1.101", 13)]), Is.Zero);
        Assert.That(next.SetServices([Service(Vip, 11, 12)]), Is.EqualTo(1));
        Assert.That(await TestNet.AskTcp(_net["client"], Vip, 80), Does.StartWith("b1").Or.StartsWith("b2"));
    }

    [Test]
    public async Task What_somebody_else_changed_is_repaired_after_invalidate()
    {
        _balancer.SetServices([Service(Vip, 11, 12)]);
        _net.Exec("client", "nft delete element ip swarmnet_balancer slots { 10.0.1.100 . 0x00000005 }");
        _net.Exec("client", "nft add element ip swarmnet_balancer frontends { 10.0.1.199 }");
        Assert.That(_balancer.SetServices([Service(Vip, 11, 12)]), Is.Zero);
        _balancer.Invalidate();
        Assert.That(_balancer.SetServices([Service(Vip, 11, 12)]), Is.EqualTo(1));
        Assert.That(_net.Exec("client", "nft list set ip swarmnet_balancer frontends"), Does.Not.Contain("10.0.1.199"));

        _net.Exec("client", "nft delete table ip swarmnet_balancer");
        _balancer.Invalidate();
        _balancer.SetServices([Service(Vip, 11)]);
        Assert.That(await TestNet.AskTcp(_net["client"], Vip, 80), Does.StartWith("b1"));
    }

    [Test]
    public async Task Dns_queries_go_to_the_resolvers_ports()
    {
        _net.ServeUdp(_net["client"], 40001, "udp", "127.0.0.11");
        _net.ServeTcp(_net["client"], 40002, "tcp", "127.0.0.11");
        _net.ServeUdp(_net["client"], 40003, "new", "127.0.0.11");
        using Socket client = TestNet.OpenSocket(_net["client"], SocketType.Dgram);
        _balancer.SetDnsRedirect(IPAddress.Parse("127.0.0.11"), 40001, 40002);
        Assert.That(await TestNet.AskUdp(client, "127.0.0.11", 53), Does.StartWith("udp"));
        Assert.That(await TestNet.AskTcp(_net["client"], "127.0.0.11", 53), Does.StartWith("tcp"));

        _balancer.SetDnsRedirect(IPAddress.Parse("127.0.0.11"), 40003, 40002);
        Assert.That(await TestNet.AskUdp(client, "127.0.0.11", 53), Does.StartWith("new"));
        _balancer.SetServices([Service(Vip, 11)]);
        Assert.That(await TestNet.AskUdp(client, "127.0.0.11", 53), Does.StartWith("new"), "services and DNS do not disturb each other");
    }

    [Test]
    public void Wide_services_use_the_large_tier_and_all_of_it_goes_with_the_table()
    {
        int[] many = [.. Enumerable.Range(11, 200)];
        _balancer.SetServices([Service(Vip, many)]);
        Assert.That(_net.Exec("client", "nft list map ip swarmnet_balancer tiers"), Does.Contain("goto tier_1021"));
        Assert.That(_balancer.SetServices([Service(Vip, many[1..])]), Is.InRange(2, 20), "only the slots of the one that left change");
        _balancer.Delete();
        Assert.That(_net.Exec("client", "nft list ruleset"), Is.Empty);
    }

    [Test]
    public void A_vip_that_is_there_twice_is_refused()
        => Assert.That(() => _balancer.SetServices([Service(Vip, 11), Service(Vip, 12)]), Throws.ArgumentException.With.Message.Contains(Vip));

    private static VirtualService Service(string vip, params int[] backends)
        => new(IPAddress.Parse(vip), [.. backends.Select(static host => new Backend(Ip(host)))]);

    private static IPAddress Ip(int host) => IPAddress.Parse($"10.0.1.{host}");
}
