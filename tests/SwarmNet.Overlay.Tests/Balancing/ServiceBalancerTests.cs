using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// What every balancer does, whatever its means. A client and three servers on one Ethernet segment, 10.0.1.0/24 and fd00:1::/64; virtual addresses from 100.
/// </summary>
[Category("Kernel")]
public abstract class ServiceBalancerTests(BalancerKind kind, bool ipv6 = false)
{
    private TestNet _net = null!;
    private IServiceBalancer _balancer = null!;

    [SetUp]
    public void Build()
    {
        _net = new TestNet();
        _net.Switch("lan", "eth0", ("client", "10.0.1.1/24"), ("b1", "10.0.1.11/24"), ("b2", "10.0.1.12/24"), ("b3", "10.0.1.13/24"));
        foreach ((string backend, int host) in new[] { ("b1", 11), ("b2", 12), ("b3", 13), ("client", 1) })
        {
            if (ipv6)
            {
                _net.Exec(backend, $"ip addr add fd00:1::{host}/64 dev eth0 nodad");
            }

            _net.ServeTcp(_net[backend], 80, backend, Any);
            _net.ServeUdp(_net[backend], 80, backend, Any);
        }

        _balancer = ServiceBalancer.Open(_net["client"], kind);
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
        Dictionary<string, int> counts = await TestNet.CountTcp(_net["client"], Vip, 80, 2 * 23);
        Assert.That(counts.Values, Is.All.InRange(14, 16));
        Assert.That(counts.Keys, Is.EquivalentTo(new[] { "b1", "b2", "b3" }));
        Assert.That(await TestNet.AskTcp(_net["client"], Vip, 80), Does.EndWith($" {Ip(1)}"));
        Assert.That(await TestNet.AskUdp(_net["client"], Vip, 80), Does.EndWith($" {Ip(1)}"));
    }

    [Test]
    public async Task Weights_shape_the_shares()
    {
        _balancer.SetServices([new VirtualService(IPAddress.Parse(Vip), [new Backend(Ip(11), 1), new Backend(Ip(12), 3), new Backend(Ip(13), 0)])]);
        Dictionary<string, int> counts = await TestNet.CountTcp(_net["client"], Vip, 80, 2 * 23);
        Assert.That(counts.Keys, Is.EquivalentTo(new[] { "b1", "b2" }));
        Assert.That(counts["b1"], Is.InRange(11, 12));
    }

    [Test]
    public async Task A_backend_reaches_itself_through_its_own_vip()
    {
        _balancer.SetServices([Service(Vip, 1)]);
        Assert.That(await TestNet.AskTcp(_net["client"], Vip, 80), Is.EqualTo($"client {Ip(1)}"));
        Assert.That(await TestNet.AskUdp(_net["client"], Vip, 80), Does.StartWith("client "));
    }

    [Test]
    public async Task Clients_that_alternate_between_services_reach_every_backend_of_both()
    {
        _balancer.SetServices([Service(Vip, 11, 12), Service(Other, 11, 12)]);
        var first = new HashSet<string>();
        var second = new HashSet<string>();
        for (int i = 0; i < 20; i++)
        {
            first.Add(await TestNet.AskTcp(_net["client"], Vip, 80));
            second.Add(await TestNet.AskTcp(_net["client"], Other, 80));
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
        using Socket socket = TestNet.OpenSocket(_net["client"], SocketType.Dgram, Family);
        _balancer.SetServices([Service(Vip, 11)]);
        Assert.That(await TestNet.AskUdp(socket, Vip, 80), Does.StartWith("b1"));
        _balancer.SetServices([Service(Vip, 11, 12)]);
        Assert.That(await TestNet.AskUdp(socket, Vip, 80), Does.StartWith("b1"), "a flow stays with its backend");
        _balancer.SetServices([Service(Vip, 12)]);
        Assert.That(await TestNet.AskUdp(socket, Vip, 80), Does.StartWith("b2"));
    }

    [Test]
    public async Task Connections_of_a_drained_backend_go_on_until_it_is_no_longer_listed()
    {
        _balancer.SetServices([Service(Vip, 11)]);
        using Socket server = TestNet.OpenSocket(_net["b1"], SocketType.Stream, Family);
        server.Bind(new IPEndPoint(IPAddress.Parse(Any), 81));
        server.Listen();
        using Socket client = TestNet.OpenSocket(_net["client"], SocketType.Stream, Family);
        await client.ConnectAsync(IPAddress.Parse(Vip), 81);
        using Socket peer = await server.AcceptAsync();

        _balancer.SetServices([new VirtualService(IPAddress.Parse(Vip), [new Backend(Ip(11), 0), new Backend(Ip(12))])]);
        await client.SendAsync(new byte[] { 1 });
        Assert.That(await peer.ReceiveAsync(new byte[8]), Is.EqualTo(1));
        Assert.That((await TestNet.CountTcp(_net["client"], Vip, 80, 10)).Keys, Is.EqualTo(new[] { "b2" }), "new ones go elsewhere");

        _balancer.SetServices([Service(Vip, 12)]);
        await client.SendAsync(new byte[] { 2 });
        SocketException error = (await Assert.ThrowsAsync<SocketException>(async () => await client.ReceiveAsync(new byte[8])))!;
        Assert.That(error.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
    }

    /// <summary>Services of different sizes have slot tables of different sizes, too.</summary>
    [Test]
    public async Task Connections_go_on_while_a_service_grows_and_shrinks()
    {
        _balancer.SetServices([Service(Vip, 11)]);
        using Socket server = TestNet.OpenSocket(_net["b1"], SocketType.Stream, Family);
        server.Bind(new IPEndPoint(IPAddress.Parse(Any), 81));
        server.Listen();
        using Socket client = TestNet.OpenSocket(_net["client"], SocketType.Stream, Family);
        await client.ConnectAsync(IPAddress.Parse(Vip), 81);
        using Socket peer = await server.AcceptAsync();

        foreach (int backends in (int[])[2, 8, 21, 8, 2, 1])
        {
            _balancer.SetServices([Service(Vip, [.. Enumerable.Range(11, backends)])]);
            await client.SendAsync(new byte[] { (byte)backends });
            byte[] received = new byte[8];
            Assert.That(await peer.ReceiveAsync(received), Is.EqualTo(1));
            Assert.That(received[0], Is.EqualTo(backends));
        }
    }

    [Test]
    public async Task A_drained_backend_loses_its_udp_clients_at_once()
    {
        using Socket socket = TestNet.OpenSocket(_net["client"], SocketType.Dgram, Family);
        _balancer.SetServices([Service(Vip, 11)]);
        Assert.That(await TestNet.AskUdp(socket, Vip, 80), Does.StartWith("b1"));
        _balancer.SetServices([new VirtualService(IPAddress.Parse(Vip), [new Backend(Ip(11), 0), new Backend(Ip(12))])]);
        Assert.That(await TestNet.AskUdp(socket, Vip, 80), Does.StartWith("b2"));
    }

    [Test]
    public async Task A_client_with_affinity_meets_the_same_backend_and_few_clients_move_when_one_leaves()
    {
        _net.Exec("client", $"sh -c \"for i in $(seq 50 79); do echo addr add {Ip(0).ToString().TrimEnd('0')}$i/{(ipv6 ? "64 nodad" : "24")} dev eth0; done | ip -batch -\"");

        _balancer.SetServices([Sticky(11, 12, 13)]);
        Dictionary<int, string> first = await Ask();
        Assert.That(await Ask(), Is.EqualTo(first));
        Assert.That(first.Values.Distinct(), Is.EquivalentTo(new[] { "b1", "b2", "b3" }));

        _balancer.SetServices([Sticky(11, 13)]);
        Dictionary<int, string> without = await Ask();
        Assert.That(Moved(first.Where(static client => client.Value != "b2"), without), Is.AtMost(OthersThatMayMove), "the others' clients stay");
        Assert.That(without.Values, Has.None.EqualTo("b2"));

        _balancer.SetServices([Sticky(13, 12, 11)]);
        Assert.That(Moved(first, await Ask()), Is.AtMost(OthersThatMayMove), "and its own come back");

        static int Moved(IEnumerable<KeyValuePair<int, string>> clients, Dictionary<int, string> later) => clients.Count(client => later[client.Key] != client.Value);

        async Task<Dictionary<int, string>> Ask()
        {
            var served = new Dictionary<int, string>();
            for (int host = 50; host < 80; host++)
            {
                served.Add(host, (await TestNet.AskTcp(_net["client"], Vip, 80, $"{Ip(host)}")).Split(' ')[0]);
            }

            return served;
        }

        VirtualService Sticky(params int[] backends) => Service(Vip, backends) with { Affinity = new ClientAffinity() };
    }

    [Test]
    public async Task A_client_that_is_remembered_stays_when_backends_come_and_moves_when_its_own_is_drained()
    {
        string[] clients = [.. Enumerable.Range(50, 10).Select(host => $"{Ip(host)}")];
        foreach (string client in clients)
        {
            _net.Exec("client", $"ip addr add {client}/{(ipv6 ? "64 nodad" : "24")} dev eth0");
        }

        _balancer.SetServices([Remembering(new Backend(Ip(11)))]);
        await AssertAllAt("b1");
        _balancer.SetServices([Remembering(new Backend(Ip(11)), new Backend(Ip(12)), new Backend(Ip(13)))]);
        await AssertAllAt("b1");
        _balancer.SetServices([Remembering(new Backend(Ip(11), 0), new Backend(Ip(12)))]);
        await AssertAllAt("b2");
        _balancer.SetServices([Remembering(new Backend(Ip(11)), new Backend(Ip(12)))]);
        await AssertAllAt("b2");
        _balancer.SetServices([Remembering(new Backend(Ip(13)))]);
        await AssertAllAt("b3");

        async Task AssertAllAt(string backend)
        {
            foreach (string client in clients)
            {
                Assert.That(await TestNet.AskTcp(_net["client"], Vip, 80, client), Does.StartWith(backend), client);
            }
        }

        VirtualService Remembering(params Backend[] backends) =>
            new(IPAddress.Parse(Vip), backends) { Affinity = new ClientAffinity { Timeout = TimeSpan.FromMinutes(1) } };
    }

    [Test]
    public async Task A_new_balancer_over_the_same_namespace_goes_on_from_what_is_there()
    {
        VirtualService[] services = [Service(Vip, 11, 12), new VirtualService(IPAddress.Parse(Other), [new Backend(Ip(13)), new Backend(Ip(11), 0)])];
        _balancer.SetServices(services);
        _balancer.Dispose();
        Assert.That(await TestNet.AskTcp(_net["client"], Other, 80), Does.StartWith("b3"));

        using IServiceBalancer next = ServiceBalancer.Open(_net["client"], kind);
        Assert.That(next.SetServices(services), Is.Zero);
        Assert.That(next.SetServices(services[..1]), Is.Positive);
        Assert.That(await TestNet.AskTcp(_net["client"], Vip, 80), Does.StartWith("b1").Or.StartsWith("b2"));
    }

    [Test]
    public void The_same_services_again_cost_nothing()
    {
        VirtualService[] services = [.. Enumerable.Range(100, 50).Select(host => Service($"{Ip(host)}", 11, 12, 13) with { Affinity = new ClientAffinity() })];
        _balancer.SetServices(services);
        VirtualService[] equal = [.. services.Select(static service => service with { Backends = [.. service.Backends], Affinity = new ClientAffinity() })];
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long start = GC.GetAllocatedBytesForCurrentThread();
            int changed = 0;
            for (int i = 0; i < 100; i++)
            {
                changed += _balancer.SetServices(equal);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - start);
            Assert.That(changed, Is.Zero);
        }

        Assert.That(least, Is.Zero);
    }

    [Test]
    public void Nothing_is_left_after_delete_and_deleting_nothing_is_no_error()
    {
        string before = State();
        _balancer.SetServices([Service(Vip, 11, 12)]);
        Assert.That(State(), Is.Not.EqualTo(before));
        _balancer.Delete();
        Assert.That(State(), Is.EqualTo(before));
        _balancer.Delete();
        Assert.That(_balancer.SetServices([Service(Vip, 11)]), Is.Positive, "it can begin again");
    }

    [Test]
    public async Task What_makes_no_sense_is_refused_and_what_was_set_stays()
    {
        _balancer.SetServices([Service(Vip, 11)]);
        Assert.That(() => _balancer.SetServices([Service(Vip, 12), Service(Vip, 12)]), Throws.ArgumentException.With.Message.Contains($"{Vip} is there twice"));
        Assert.That(() => _balancer.SetServices([new VirtualService(IPAddress.Parse(Vip), [new Backend(Ip(12), -1)])]), Throws.ArgumentException.With.Message.Contains("must be 0 or more"));
        Assert.That(
            () => _balancer.SetServices([new VirtualService(IPAddress.Parse(Vip), [new Backend(ipv6 ? IPAddress.Loopback : IPAddress.IPv6Loopback)])]),
            Throws.ArgumentException.With.Message.Contains("must be of the same address family"));
        Assert.That(
            () => _balancer.SetServices([Service(Vip, 12) with { Timeouts = new FlowTimeouts { Udp = TimeSpan.Zero } }]),
            Throws.ArgumentException.With.Message.Contains("timeout of UDP flows"));
        Assert.That(await TestNet.AskTcp(_net["client"], Vip, 80), Does.StartWith("b1"));
    }

    /// <summary>Of 30 clients, how many of other backends may move when one of three leaves.</summary>
    protected virtual int OthersThatMayMove => 0;

    /// <summary>The kernel's state in the client's namespace, as the distribution's tool shows it.</summary>
    protected abstract string State();

    private protected string Vip => $"{Ip(100)}";

    private string Other => $"{Ip(101)}";

    private string Any => ipv6 ? "::" : "0.0.0.0";

    private int Family => ipv6 ? Libc.AF_INET6 : Libc.AF_INET;

    /// <summary>The client's namespace, servers and all.</summary>
    private protected TestNet Net => _net;

    private protected IServiceBalancer Balancer => _balancer;

    private protected VirtualService Service(string vip, params int[] backends)
        => new(IPAddress.Parse(vip), [.. backends.Select(host => new Backend(Ip(host)))]);

    private protected IPAddress Ip(int host) => IPAddress.Parse(ipv6 ? $"fd00:1::{host}" : $"10.0.1.{host}");
}
