using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Mesh;

/// <summary>A node between an outer segment (192.0.2.0/24, with a stranger), an ingress segment (10.255.0.0/24, with tasks) and the tasks' way out (172.20.0.0/24).</summary>
[Category("Kernel")]
public sealed class RoutingMeshTests
{
    private const string NodeIp = "192.0.2.1";
    private TestNet _net = null!;
    private RoutingMesh _mesh = null!;

    [SetUp]
    public void Build()
    {
        _net = new TestNet();
        _net.Switch("outside", "eth0", ("node", $"{NodeIp}/24"), ("stranger", "192.0.2.9/24"));
        _net.Switch("inside", "ing0", ("node", "10.255.0.2/24"), ("t1", "10.255.0.11/24"), ("t2", "10.255.0.12/24"));
        _net.Switch("gateway", "gw0", ("node", "172.20.0.1/24"), ("t1", "172.20.0.11/24"), ("t2", "172.20.0.12/24"));
        foreach (string task in new[] { "t1", "t2" })
        {
            _net.Exec(task, "ip route add default via 172.20.0.1");
            _net.ServeTcp(_net[task], 80, task);
            _net.ServeUdp(_net[task], 53, task);
            _net.Own(ReturnPath.Open(new ReturnPathOptions
            {
                Namespace = _net[task],
                InterfaceName = "ing0",
                Address = Ip(task == "t1" ? 11 : 12),
                Subnet = IPv4Prefix.Parse("10.255.0.0/24"),
            }));
        }

        _mesh = Open();
    }

    [TearDown]
    public void Remove()
    {
        _mesh.Dispose();
        _net.Dispose();
    }

    [Test]
    public async Task Clients_of_ipv6_are_carried_to_the_mesh_and_may_close_their_half_first()
    {
        _net.Exec("node", "ip addr add fd00:9::1/64 dev eth0 nodad");
        _net.Exec("stranger", "ip addr add fd00:9::9/64 dev eth0 nodad");
        await using var proxy = new PortProxy(_net["node"]);
        PublishedPort[] ports = [Tcp(8080, 11, 12), Udp(5300, 11), Tcp(8081)];
        _mesh.SetPorts(ports);
        Assert.That(proxy.SetPorts(ports), Is.Empty);
        Dictionary<string, int> counts = await TestNet.CountTcp(_net["stranger"], "fd00:9::1", 8080, 10);
        Assert.That(counts.Values, Is.EqualTo(new[] { 5, 5 }));
        Assert.That(await TestNet.AskTcp(_net["stranger"], "fd00:9::1", 8080), Does.EndWith(" 10.255.0.2"), "the node, not the client");
        Assert.That(await TestNet.AskTcp(_net["node"], "::1", 8080), Does.StartWith("t"));
        SocketException? error = await Assert.ThrowsAsync<SocketException>(() => TestNet.AskTcp(_net["stranger"], "fd00:9::1", 8081));
        Assert.That(error!.SocketErrorCode, Is.AnyOf(SocketError.ConnectionReset, SocketError.ConnectionRefused), "no backend");

        // A megabyte each way; the client says that it is done and still gets all of the answer.
        using Socket echo = TestNet.OpenSocket(_net["t1"], SocketType.Stream);
        echo.Bind(new IPEndPoint(IPAddress.Any, 82));
        echo.Listen();
        PublishedPort[] echoed = [.. ports, new PublishedPort(ProtocolType.Tcp, 8082, [new PortBackend(Ip(11), 82)])];
        _mesh.SetPorts(echoed);
        Assert.That(proxy.SetPorts(echoed), Is.Empty);
        Task<int> echoing = EchoAsync(echo);
        using Socket client = TestNet.OpenSocket(_net["stranger"], SocketType.Stream, Libc.AF_INET6);
        await client.ConnectAsync(IPAddress.Parse("fd00:9::1"), 8082);
        Task sending = SendAsync(client, 1 << 20);
        Assert.That(await DrainAsync(client), Is.EqualTo(1 << 20));
        await sending;
        Assert.That(await echoing, Is.EqualTo(1 << 20));

        _mesh.SetPorts(ports);
        proxy.SetPorts(ports[..1]);
        error = await Assert.ThrowsAsync<SocketException>(() => TestNet.AskTcp(_net["stranger"], "fd00:9::1", 8082));
        Assert.That(error!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused), "no longer published");

        static async Task SendAsync(Socket socket, int bytes)
        {
            byte[] buffer = new byte[bytes];
            for (int sent = 0; sent < bytes;)
            {
                sent += await socket.SendAsync(buffer.AsMemory(sent));
            }

            socket.Shutdown(SocketShutdown.Send);
        }

        static async Task<int> EchoAsync(Socket listener)
        {
            using Socket peer = await listener.AcceptAsync();
            int length = await DrainAsync(peer);
            await SendAsync(peer, length);
            return length;
        }

        static async Task<int> DrainAsync(Socket socket)
        {
            byte[] buffer = new byte[64 * 1024];
            int length = 0;
            int read;
            while ((read = await socket.ReceiveAsync(buffer)) > 0)
            {
                length += read;
            }

            return length;
        }
    }

    [Test]
    public async Task A_port_that_somebody_listens_on_with_ipv6_is_named_and_tried_again()
    {
        await using var proxy = new PortProxy(_net["node"]);
        using (Socket other = TestNet.OpenSocket(_net["node"], SocketType.Stream, Libc.AF_INET6))
        {
            other.Bind(new IPEndPoint(IPAddress.IPv6Any, 8080));
            other.Listen();
            Assert.That(proxy.SetPorts([Tcp(8080, 11), Tcp(8081, 11)]), Is.EqualTo(new[] { new GuardedPort(ProtocolType.Tcp, 8080) }));
            Assert.That(_net.Exec("node", "ss -ltnH6"), Does.Contain("[::]:8081"), "the others are answered");
        }

        Assert.That(proxy.SetPorts([Tcp(8080, 11), Tcp(8081, 11)]), Is.Empty);
        _net.Exec("node", "sysctl -q net.ipv6.conf.all.disable_ipv6=1");
        Assert.That(proxy.SetPorts([Tcp(8082, 11)]), Is.Empty, "nobody asks over IPv6 there");
    }

    [Test]
    public async Task Strangers_take_turns_on_the_backends_and_are_seen_with_their_own_address()
    {
        _mesh.SetPorts([Tcp(8080, 11, 12)]);
        Dictionary<string, int> counts = await TestNet.CountTcp(_net["stranger"], NodeIp, 8080, 20);
        Assert.That(counts.Keys, Is.EquivalentTo(new[] { "t1", "t2" }));
        Assert.That(counts.Values, Is.All.InRange(9, 11));
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 8080), Does.EndWith(" 192.0.2.9"));
        _mesh.SetPorts([Udp(5300, 11, 12)]);
        Assert.That(await TestNet.AskUdp(_net["stranger"], NodeIp, 5300), Does.EndWith(" 192.0.2.9"));
    }

    [Test]
    public async Task The_node_reaches_its_own_ports_by_every_address([Values("127.0.0.1", NodeIp, "10.255.0.2")] string address)
    {
        _mesh.SetPorts([Tcp(8080, 11), Udp(5300, 12)]);
        Assert.That(await TestNet.AskTcp(_net["node"], address, 8080), Does.StartWith("t1"));
        Assert.That(await TestNet.AskUdp(_net["node"], address, 5300), Does.StartWith("t2"));
    }

    [Test]
    public async Task A_task_reaches_a_port_that_it_serves_itself()
    {
        _mesh.SetPorts([Tcp(8080, 12)]);
        Assert.That(await TestNet.AskTcp(_net["t2"], NodeIp, 8080), Is.EqualTo("t2 10.255.0.2"));
    }

    [Test]
    public async Task Tcp_and_udp_share_a_port_number()
    {
        _mesh.SetPorts([Tcp(8080, 11), new PublishedPort(ProtocolType.Udp, 8080, [new PortBackend(Ip(12), 53)])]);
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 8080), Does.StartWith("t1"));
        Assert.That(await TestNet.AskUdp(_net["stranger"], NodeIp, 8080), Does.StartWith("t2"));
    }

    [Test]
    public async Task A_port_without_backend_resets_and_a_withdrawn_one_too()
    {
        _mesh.SetPorts([Tcp(8080), Udp(5300)]);
        await AssertRefused();
        _mesh.SetPorts([Tcp(8080, 11)]);
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 8080), Does.StartWith("t1"));
        _mesh.SetPorts([]);
        await AssertRefused();

        async Task AssertRefused()
        {
            SocketException error = (await Assert.ThrowsAsync<SocketException>(() => TestNet.AskTcp(_net["stranger"], NodeIp, 8080)))!;
            Assert.That(error.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        }
    }

    [Test]
    public async Task A_udp_client_that_keeps_its_port_follows_the_backends()
    {
        using Socket client = TestNet.OpenSocket(_net["stranger"], SocketType.Dgram);
        await client.SendToAsync(new byte[] { 1 }, new IPEndPoint(IPAddress.Parse(NodeIp), 5300)); // before it is published
        _mesh.SetPorts([Udp(5300, 11)]);
        Assert.That(await TestNet.AskUdp(client, NodeIp, 5300), Does.StartWith("t1"));
        _mesh.SetPorts([Udp(5300, 12)]);
        Assert.That(await TestNet.AskUdp(client, NodeIp, 5300), Does.StartWith("t2"));
    }

    [Test]
    public async Task A_port_in_use_is_refused_before_anything_is_applied([Values] bool loopbackOnly)
    {
        _mesh.SetPorts([Tcp(8080, 11)]);
        _net.ServeTcp(_net["node"], 9090, "host", loopbackOnly ? "127.0.0.1" : "0.0.0.0");
        PortConflictException error = Assert.Throws<PortConflictException>(() => _mesh.SetPorts([Tcp(9090, 12), Tcp(8081, 12)]))!;
        Assert.That(error.Message, Is.EqualTo("Port 9090/tcp is already in use by a process of this host: stop it, or publish another port."));
        Assert.That(error.Ports, Is.EqualTo(new[] { new GuardedPort(ProtocolType.Tcp, 9090) }));
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 8080), Does.StartWith("t1"));
        _net.ServeTcp(_net["node"], 8081, "free again");
    }

    [Test]
    public void A_published_port_is_held_against_other_processes()
    {
        _mesh.SetPorts([Tcp(8080, 11), Udp(5300, 11)]);
        Assert.That(() => _net.ServeTcp(_net["node"], 8080, "host"), Throws.TypeOf<SocketException>());
        Assert.That(() => _net.ServeUdp(_net["node"], 5300, "host"), Throws.TypeOf<SocketException>());
    }

    [Test]
    public void A_port_that_is_there_twice_is_refused()
        => Assert.That(() => _mesh.SetPorts([Tcp(8080, 11), Tcp(8080, 12), Udp(53, 11), Udp(53, 12)]),
            Throws.TypeOf<PortConflictException>().With.Message.EqualTo("Ports 8080/tcp, 53/udp are published twice."));

    [Test]
    public async Task A_range_of_ports_is_one_element_and_every_port_of_it_answers()
    {
        for (ushort port = 9000; port < 9003; port++)
        {
            _net.ServeTcp(_net["t1"], port, $"t1:{port}");
        }

        _mesh.SetPorts([Tcp(8080, 11), new PublishedPort(ProtocolType.Tcp, 9000, [new PortBackend(Ip(11), 9000)]) { LastPort = 9999 }]);
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 9000), Is.EqualTo("t1:9000 192.0.2.9"));
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 9002), Is.EqualTo("t1:9002 192.0.2.9"));
        Assert.That(_net.Exec("node", "nft list map ip swarmnet_mesh range_slots").Split("10.255.0.11").Length - 1, Is.EqualTo(1));
        await AssertRefused(9003);

        // One element more splits nothing else: what neighbours alike becomes a range by itself.
        List<PublishedPort> single = [.. Enumerable.Range(9000, 100).Select(static port => new PublishedPort(ProtocolType.Tcp, (ushort)port, [new PortBackend(Ip(11), (ushort)port)]))];
        _mesh.SetPorts(single);
        Assert.That(_net.Exec("node", "nft list set ip swarmnet_mesh range_frontends"), Does.Contain("9000-9099"));
        _mesh.Dispose();
        _mesh = Open();
        Assert.That(_mesh.SetPorts(single), Is.Zero, "after a restart it is found as it was");
        single.RemoveAt(50);
        _mesh.SetPorts(single);
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 9001), Does.StartWith("t1:9001"));
        _mesh.SetPorts([]);
        await AssertRefused(9000);
    }

    [Test]
    public async Task A_range_whose_ports_change_leads_to_the_right_ones()
    {
        _net.ServeTcp(_net["t1"], 82, "t1:82");
        _mesh.SetPorts([new PublishedPort(ProtocolType.Tcp, 9000, [new PortBackend(Ip(11), 80)]) { LastPort = 9009 }]);
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 9000), Does.StartWith("t1 "));
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 9002), Does.StartWith("t1:82 "));
    }

    [Test]
    public void Too_many_ports_are_refused_and_what_was_published_stays()
    {
        _mesh.SetPorts([Tcp(8080, 11)]);
        string before = _net.Exec("node", "nft list ruleset");
        OverlayException error = Assert.Throws<OverlayException>(
            () => _mesh.SetPorts([Tcp(8080, 11), new PublishedPort(ProtocolType.Tcp, 10_000, [new PortBackend(Ip(11), 10_000)]) { LastPort = 60_000 }]))!;
        Assert.That(error.Message, Is.EqualTo("50002 ports cannot be published, at most 16384 can: publish a narrower range."));
        Assert.That(_net.Exec("node", "nft list ruleset"), Is.EqualTo(before));
    }

    [Test]
    public async Task A_port_on_one_address_answers_there_only()
    {
        _net.Exec("node", "ip addr add 192.0.2.7/24 dev eth0");
        _mesh.SetPorts(
        [
            Tcp(8080, 11) with { HostIp = IPAddress.Parse(NodeIp) },
            Tcp(8080, 12) with { HostIp = IPAddress.Parse("192.0.2.7") },
            Tcp(8081, 11) with { HostIp = IPAddress.Parse("192.0.2.7") },
        ]);
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 8080), Does.StartWith("t1"));
        Assert.That(await TestNet.AskTcp(_net["stranger"], "192.0.2.7", 8080), Does.StartWith("t2"));
        Assert.That(await TestNet.AskTcp(_net["stranger"], "192.0.2.7", 8081), Does.StartWith("t1"));
        await AssertRefused(8081);
        Assert.That(
            () => _mesh.SetPorts([Tcp(8080, 11) with { HostIp = IPAddress.Parse("192.0.2.200") }]),
            Throws.TypeOf<OverlayException>().With.Message.EqualTo("Port 192.0.2.200:8080/tcp cannot be published: 192.0.2.200 is no address of this host."));
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 8080), Does.StartWith("t1"), "nothing changed");
    }

    [Test]
    public async Task The_owners_rules_come_first_and_are_never_touched()
    {
        _mesh.SetPorts([Tcp(8080, 11), Tcp(8081, 11)]);
        _net.Exec("node", "nft add rule ip swarmnet_user published ip saddr 192.0.2.9 meta l4proto tcp ct original proto-dst 8080 reject with tcp reset");
        await AssertRefused(8080);
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 8081), Does.StartWith("t1"));
        string rules = _net.Exec("node", "nft list table ip swarmnet_user");
        _mesh.SetPorts([Tcp(8080, 12)]);
        _net.Exec("node", "nft delete table ip swarmnet_mesh");
        Assert.That(_mesh.Repair(), Has.Count.EqualTo(1));
        _mesh.Delete();
        _mesh.Dispose();
        _mesh = Open();
        Assert.That(_net.Exec("node", "nft list table ip swarmnet_user"), Is.EqualTo(rules));
    }

    [Test]
    public async Task What_somebody_else_changed_is_repaired()
    {
        _mesh.SetPorts([Tcp(8080, 11), new PublishedPort(ProtocolType.Tcp, 9000, [new PortBackend(Ip(11), 9000)]) { LastPort = 9010 }]);
        string wanted = _net.Exec("node", "nft list table ip swarmnet_mesh");
        Assert.That(_mesh.Repair(), Is.Empty);
        _net.Exec("node", "nft flush map ip swarmnet_mesh range_slots");
        _net.Exec("node", "nft add element ip swarmnet_mesh translated { 10.255.0.11 }");
        _net.Exec("node", "nft add element ip swarmnet_mesh frontends { 0.0.0.0 . tcp . 99 }");
        string[] found =
        [
            "set frontends of table swarmnet_mesh differed in 1 element",
            "set range_slots of table swarmnet_mesh differed in 1 element",
            "set translated of table swarmnet_mesh differed in 1 element",
        ];
        Assert.That(_mesh.Repair(inspectOnly: true).Select(static repair => repair.ToString()), Is.EquivalentTo(found));
        Assert.That(_mesh.Repair().Select(static repair => repair.ToString()), Is.EquivalentTo(found), "looking changed nothing");
        Assert.That(_net.Exec("node", "nft list table ip swarmnet_mesh"), Is.EqualTo(wanted));
        _net.Exec("node", "nft flush chain ip swarmnet_mesh postrouting");
        Assert.That(string.Join('|', _mesh.Repair()), Is.EqualTo("rules of chain postrouting of table swarmnet_mesh was altered"));
        _net.Exec("node", "nft delete table ip swarmnet_mesh");
        _net.Exec("node", "nft delete table ip swarmnet_user");
        Assert.That(_mesh.Repair(inspectOnly: true), Has.Count.EqualTo(2));
        Assert.That(string.Join('|', _mesh.Repair()), Is.EqualTo("table swarmnet_mesh was missing|table swarmnet_user was missing"));
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 8080), Does.StartWith("t1"));
        Assert.That(_mesh.Repair(), Is.Empty);
    }

    [Test]
    public async Task A_drained_backend_keeps_its_connections_until_it_is_no_longer_listed()
    {
        _net.ServeTcp(_net["t1"], 81, "held", hold: true);
        _mesh.SetPorts([new PublishedPort(ProtocolType.Tcp, 8080, [new PortBackend(Ip(11), 81)])]);
        using Socket client = TestNet.OpenSocket(_net["stranger"], SocketType.Stream);
        await client.ConnectAsync(IPAddress.Parse(NodeIp), 8080);
        Assert.That(await client.ReceiveAsync(new byte[100]), Is.Positive);

        _mesh.SetPorts([new PublishedPort(ProtocolType.Tcp, 8080, [new PortBackend(Ip(11), 81, 0), new PortBackend(Ip(12), 80)])]);
        Assert.That((await TestNet.CountTcp(_net["stranger"], NodeIp, 8080, 6)).Keys, Is.EqualTo(new[] { "t2" }));
        Assert.That(_net.Exec("node", "conntrack -L -p tcp --reply-port-src 81"), Does.Contain("ESTABLISHED"));
        _mesh.SetPorts([new PublishedPort(ProtocolType.Tcp, 8080, [new PortBackend(Ip(12), 80)])]);
        Assert.That(_net.Exec("node", "conntrack -L -p tcp --reply-port-src 81"), Is.Empty);
    }

    [Test]
    public async Task Clients_with_affinity_meet_the_same_backend()
    {
        _mesh.SetPorts([Tcp(8080, 11, 12) with { Affinity = new ClientAffinity() }]);
        Assert.That(await TestNet.CountTcp(_net["stranger"], NodeIp, 8080, 8), Has.Count.EqualTo(1));
    }

    [Test]
    public void Sctp_ports_are_published_like_others()
    {
        _mesh.SetPorts([new PublishedPort(PublishedPort.Sctp, 8080, [new PortBackend(Ip(11), 80)]), Tcp(8080, 11)]);
        Assert.That(_net.Exec("node", "nft list map ip swarmnet_mesh tiers"), Does.Contain("0.0.0.0 . sctp . 8080 : goto tier_1"));
    }

    [Test]
    public void The_same_ports_again_cost_nothing()
    {
        PublishedPort[] ports = [.. Enumerable.Range(8000, 50).Select(static port => Tcp((ushort)port, 11, 12))];
        _mesh.SetPorts(ports);
        PublishedPort[] equal = [.. ports.Select(static port => port with { Backends = [.. port.Backends] })];
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long start = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                _mesh.SetPorts(equal);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - start);
        }

        Assert.That(least, Is.Zero);
    }

    [Test]
    public async Task The_process_that_has_a_port_is_named()
    {
        using Process holder = Process.Start("nsenter", $"--net={_net.Folder}/node busybox nc -l -p 9191");
        try
        {
            var patience = Stopwatch.StartNew();
            while (_net.Exec("node", "ss -ltnH").Length == 0)
            {
                Assert.That(patience.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
                await Task.Yield();
            }

            PortConflictException error = Assert.Throws<PortConflictException>(() => _mesh.SetPorts([Tcp(9191, 12)]))!;
            Assert.That(error.Message, Is.EqualTo($"Port 9191/tcp is already in use by busybox (process {holder.Id}): stop it, or publish another port."));
        }
        finally
        {
            holder.Kill();
            await holder.WaitForExitAsync();
        }
    }

    [Test]
    public async Task Neighbours_cannot_reach_the_nodes_loopback_through_the_ingress_interface()
    {
        _mesh.SetPorts([Tcp(8080, 11)]);
        Assert.That(await _net.ReachesLoopback("t2", "10.255.0.2", "node"), Is.False);
        Assert.That(await TestNet.AskTcp(_net["node"], "127.0.0.1", 8080), Does.StartWith("t1"), "while the node's own way is open");
        _net.Exec("node", "nft flush chain ip swarmnet_mesh raw_prerouting");
        Assert.That(await _net.ReachesLoopback("t2", "10.255.0.2", "node"), Is.True, "it is the rule that keeps them out");
    }

    [Test]
    public async Task A_restarted_mesh_goes_on_from_what_is_there()
    {
        _mesh.SetPorts([Tcp(8080, 11, 12)]);
        _mesh.Dispose();
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 8080), Does.StartWith("t"));
        using RoutingMesh next = Open();
        Assert.That(next.SetPorts([Tcp(8080, 11, 12)]), Is.Zero);
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 8080), Does.StartWith("t"));
        next.Delete();
        Assert.That(_net.Exec("node", "nft list tables"), Is.Empty);
        _net.ServeTcp(_net["node"], 8080, "free");
    }

    private async Task AssertRefused(int port)
    {
        SocketException error = (await Assert.ThrowsAsync<SocketException>(() => TestNet.AskTcp(_net["stranger"], NodeIp, port)))!;
        Assert.That(error.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
    }

    private RoutingMesh Open() => RoutingMesh.Open(new RoutingMeshOptions
    {
        Namespace = _net["node"],
        IngressInterface = "ing0",
        LocalSources = [IPv4Prefix.Parse("172.20.0.0/24")],
    });

    private static PublishedPort Tcp(ushort port, params int[] tasks)
        => new(ProtocolType.Tcp, port, [.. tasks.Select(static host => new PortBackend(Ip(host), 80))]);

    private static PublishedPort Udp(ushort port, params int[] tasks)
        => new(ProtocolType.Udp, port, [.. tasks.Select(static host => new PortBackend(Ip(host), 53))]);

    private static IPAddress Ip(int host) => IPAddress.Parse($"10.255.0.{host}");
}
