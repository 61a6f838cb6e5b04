using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Overlay.Mesh;
using SwarmNet.Overlay.Networks;

namespace SwarmNet.Overlay.Kernel;

/// <summary>
/// Three hosts and a stranger on one segment; two overlay networks across the hosts; task N on host N with number 10 + N,
/// serving TCP 80 and UDP 53 under its name.
/// </summary>
[Category("Kernel")]
public sealed class ThreeHostsTests
{
    private const string Vip = "10.0.1.200";
    private TestNet _net = null!;
    private TestHost[] _hosts = null!;

    [SetUp]
    public void Build()
    {
        _net = new TestNet();
        try
        {
            _net.Switch("underlay", "eth0", ("host1", "10.99.0.1/24"), ("host2", "10.99.0.2/24"), ("host3", "10.99.0.3/24"), ("stranger", "10.99.0.50/24"));
            _hosts = [.. Enumerable.Range(1, 3).Select(number => new TestHost(_net, number))];
            foreach (TestHost host in _hosts)
            {
                NetworkNamespace task = host.AddTask($"task{host.Number}", 10 + host.Number);
                _net.ServeTcp(task, 80, $"task{host.Number}");
                _net.ServeUdp(task, 53, $"task{host.Number}");
            }

            SetPeers();
        }
        catch
        {
            _net.Dispose();
            throw;
        }
    }

    [TearDown]
    public void Remove()
    {
        foreach (TestHost host in _hosts)
        {
            host.Dispose();
        }

        _net.Dispose();
    }

    [Test]
    public async Task Tasks_reach_each_other_across_hosts_under_their_own_addresses()
    {
        foreach (int from in new[] { 1, 2, 3 })
        {
            foreach (int to in new[] { 1, 2, 3 })
            {
                Assert.That(await TestNet.AskTcp(_net[$"task{from}"], $"10.0.1.1{to}", 80), Is.EqualTo($"task{to} 10.0.1.1{from}"));
            }
        }

        Assert.That(_net.Exec("task1", "ip -o link show eth0"), Does.Contain("mtu 1450").And.Contain("02:42:0a:00:01:0b"));
    }

    [Test]
    public async Task A_large_payload_crosses_the_tunnel_in_full_sized_frames()
    {
        using Socket server = TestNet.OpenSocket(_net["task3"], SocketType.Stream);
        server.Bind(new IPEndPoint(IPAddress.Any, 90));
        server.Listen();
        using Socket client = TestNet.OpenSocket(_net["task1"], SocketType.Stream);
        await client.ConnectAsync(IPAddress.Parse("10.0.1.13"), 90);
        using Socket peer = await server.AcceptAsync();
        byte[] sent = new byte[2_000_000];
        new Random(1).NextBytes(sent);
        Task<int> sending = client.SendAsync(sent).ContinueWith(task => { client.Shutdown(SocketShutdown.Send); return task.Result; }, TaskScheduler.Default);
        using var received = new MemoryStream();
        byte[] buffer = new byte[65536];
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        for (int read; (read = await peer.ReceiveAsync(buffer, timeout.Token)) > 0;)
        {
            received.Write(buffer, 0, read);
        }

        Assert.That(await sending, Is.EqualTo(sent.Length));
        Assert.That(received.ToArray().AsSpan().SequenceEqual(sent), Is.True);
    }

    [Test]
    public async Task A_vip_is_balanced_evenly_over_the_hosts_and_hairpins()
    {
        using IServiceBalancer balancer = ServiceBalancer.Open(_net["task1"]);
        balancer.SetServices([Service(1, 2, 3)]);
        Dictionary<string, int> counts = await TestNet.CountTcp(_net["task1"], Vip, 80, 2 * 23);
        Assert.That(counts.Keys, Is.EquivalentTo(new[] { "task1", "task2", "task3" }));
        Assert.That(counts.Values, Is.All.InRange(14, 16));
        Assert.That(await TestNet.AskUdp(_net["task1"], Vip, 53), Does.StartWith("task"));
    }

    [Test]
    public async Task The_mesh_answers_on_every_host_for_strangers_hosts_loopback_and_tasks()
    {
        PublishPorts(1, 2, 3);
        foreach (TestHost entry in _hosts)
        {
            Dictionary<string, int> counts = await TestNet.CountTcp(_net["stranger"], entry.Ip, 8080, 15);
            Assert.That(counts.Keys, Is.EquivalentTo(new[] { "task1", "task2", "task3" }), $"through {entry.Name}");
            Assert.That(await TestNet.AskUdp(_net["stranger"], entry.Ip, 5300), Does.StartWith("task"), $"through {entry.Name}");
            Assert.That(await TestNet.AskTcp(_net["host1"], entry.Ip, 8080), Does.StartWith("task"), $"from host1 through {entry.Name}");
            Assert.That(await TestNet.AskTcp(_net["task1"], entry.Ip, 8080), Does.StartWith("task"), $"from task1 through {entry.Name}");
            Assert.That(await TestNet.AskTcp(_net[entry.Name], "127.0.0.1", 8080), Does.StartWith("task"), $"loopback of {entry.Name}");
        }
    }

    [Test]
    public async Task A_single_task_is_reached_through_every_host_from_everywhere([Values(1, 2, 3)] int task)
    {
        PublishPorts(task);
        foreach (TestHost entry in _hosts)
        {
            foreach (string from in new[] { "stranger", "host1", "host2", "host3", "task1", "task2", "task3" })
            {
                Assert.That(await TestNet.AskTcp(_net[from], entry.Ip, 8080), Does.StartWith($"task{task} "), $"{from} through {entry.Name}");
            }
        }
    }

    [Test]
    public async Task A_host_mode_port_leads_to_the_tasks_gateway_address_with_the_clients_own()
    {
        IPAddress local = _hosts[0].Gateway.GetAttached().Single();
        _hosts[0].Mesh.SetPorts([new PublishedPort(ProtocolType.Tcp, 8081, [new PortBackend(local, 80)])]);
        Assert.That(await TestNet.AskTcp(_net["stranger"], "10.99.0.1", 8081), Is.EqualTo("task1 10.99.0.50"));
        Assert.That(await TestNet.AskTcp(_net["host1"], "127.0.0.1", 8081), Does.StartWith("task1"));
        Assert.That(await TestNet.AskTcp(_net["host1"], "10.99.0.1", 8081), Does.StartWith("task1"));
        Assert.That(await TestNet.AskTcp(_net["task1"], "10.99.0.1", 8081), Does.StartWith("task1"), "onto itself");
        Assert.That(await TestNet.AskTcp(_net["task2"], "10.99.0.1", 8081), Is.EqualTo("task1 10.99.0.2"), "from another host's task");
    }

    [Test]
    public async Task Tasks_get_out_with_the_hosts_address()
    {
        _net.ServeTcp(_net["stranger"], 80, "stranger");
        Assert.That(await TestNet.AskTcp(_net["task2"], "10.99.0.50", 80), Is.EqualTo("stranger 10.99.0.2"));
    }

    [Test]
    public async Task Tasks_do_not_see_each_other_over_the_gateway_nor_another_hosts_ingress_directly()
    {
        NetworkNamespace other = _hosts[0].AddTask("other", 21);
        IPAddress task1 = _hosts[0].Gateway.GetAttached().Min(new ByAddress())!;
        await AssertUnreachable(other, task1.ToString());

        NetworkNamespace plain = _net.Add("plain");
        _hosts[0].Gateway.Attach(plain, "eth0");
        await AssertUnreachable(plain, "10.0.0.11");
        PublishPorts(1);
        Assert.That(await TestNet.AskTcp(plain, "10.99.0.1", 8080), Does.StartWith("task1"), "only by a published port");

        static async Task AssertUnreachable(NetworkNamespace from, string address)
        {
            using Socket socket = TestNet.OpenSocket(from, SocketType.Stream);
            using var timeout = new CancellationTokenSource(700);
            Exception? error = await Assert.CatchAsync<Exception>(async () => await socket.ConnectAsync(IPAddress.Parse(address), 80, timeout.Token));
            Assert.That(error, Is.InstanceOf<OperationCanceledException>().Or.InstanceOf<SocketException>());
        }
    }

    [Test]
    public async Task A_removed_backend_gets_no_more_traffic_from_anywhere()
    {
        PublishPorts(1, 2, 3);
        PublishPorts(1, 3);
        foreach (TestHost entry in _hosts)
        {
            Assert.That((await TestNet.CountTcp(_net["stranger"], entry.Ip, 8080, 10)).Keys, Is.EquivalentTo(new[] { "task1", "task3" }));
        }
    }

    [Test]
    public void Peers_are_applied_as_differences_and_repaired_when_somebody_removed_them()
    {
        OverlayNetwork demo = _hosts[0].Demo;
        Assert.That(demo.SetPeers(AllPeers("10.0.1")), Is.Zero, "nothing changed");
        Assert.That(demo.SetPeers([.. AllPeers("10.0.1"), new OverlayPeer(IPAddress.Parse("10.0.1.99"), IPAddress.Parse("10.99.0.3"))]), Is.EqualTo(3));
        Assert.That(InDemo("bridge fdb show dev vxlan0"), Does.Contain("02:42:0a:00:01:63 dst 10.99.0.3 link-netnsid 0 self permanent").And.Contain("02:42:0a:00:01:63 master br0 static"));
        Assert.That(InDemo("ip neigh show dev vxlan0"), Does.Contain("10.0.1.99 lladdr 02:42:0a:00:01:63 PERMANENT"));

        InDemo("bridge fdb del 02:42:0a:00:01:63 dev vxlan0 self");
        InDemo("ip neigh del 10.0.1.12 dev vxlan0");
        Assert.That(demo.Repair(), Has.Count.EqualTo(2));
        Assert.That(demo.SetPeers([]), Is.EqualTo(9));
        Assert.That(InDemo("ip neigh show dev vxlan0 nud permanent"), Is.Empty);

        string InDemo(string command) => TestNet.ExecPath(Path.Combine(_net.Folder, "host1-demo"), command);
    }

    [Test]
    public async Task An_endpoint_that_moves_to_another_host_is_reached_there()
    {
        _hosts[0].Demo.DetachEndpoint(IPAddress.Parse("10.0.1.11"));
        _hosts[1].Demo.AttachEndpoint(_net.Add("moved"), "eth0", IPAddress.Parse("10.0.1.11"));
        _net.ServeTcp(_net["moved"], 80, "moved");
        foreach (TestHost host in _hosts)
        {
            host.Demo.SetPeers([.. AllPeers("10.0.1").Where(peer => !peer.EndpointIp.Equals(IPAddress.Parse("10.0.1.11"))),
                new OverlayPeer(IPAddress.Parse("10.0.1.11"), IPAddress.Parse("10.99.0.2"))]);
        }

        Assert.That(await TestNet.AskTcp(_net["task2"], "10.0.1.11", 80), Does.StartWith("moved"));
        Assert.That(await TestNet.AskTcp(_net["task3"], "10.0.1.11", 80), Does.StartWith("moved"));
    }

    [Test]
    public async Task After_a_restart_new_objects_adopt_everything_and_traffic_goes_on()
    {
        PublishPorts(1, 2, 3);
        using Socket server = TestNet.OpenSocket(_net["task3"], SocketType.Stream);
        server.Bind(new IPEndPoint(IPAddress.Any, 90));
        server.Listen();
        using Socket client = TestNet.OpenSocket(_net["task1"], SocketType.Stream);
        await client.ConnectAsync(IPAddress.Parse("10.0.1.13"), 90);
        using Socket peer = await server.AcceptAsync();
        IPAddress gateway1 = _hosts[0].Gateway.GetAttached().Single();
        string links = _net.Exec("host1", "ip -o link show");
        foreach (TestHost host in _hosts)
        {
            host.Dispose();
        }

        Assert.That(await TestNet.AskTcp(_net["stranger"], "10.99.0.1", 8080), Does.StartWith("task"), "while no process is there");
        _hosts = [.. Enumerable.Range(1, 3).Select(number => new TestHost(_net, number))];
        foreach (TestHost host in _hosts)
        {
            host.Attach(_net[$"task{host.Number}"], 10 + host.Number);
            Assert.That(host.Demo.Endpoints, Is.EqualTo(new[] { IPAddress.Parse($"10.0.1.{10 + host.Number}") }));
            Assert.That(host.Demo.SetPeers(AllPeers("10.0.1")), Is.Zero);
            Assert.That(host.Ingress.SetPeers(AllPeers("10.0.0")), Is.Zero);
        }

        Assert.That(_hosts[0].Gateway.GetAttached().Single(), Is.EqualTo(gateway1));
        Assert.That(_net.Exec("host1", "ip -o link show"), Is.EqualTo(links));
        await client.SendAsync(new byte[] { 7 });
        Assert.That(await peer.ReceiveAsync(new byte[8]), Is.EqualTo(1));
        PublishPorts(2);
        Assert.That(await TestNet.AskTcp(_net["stranger"], "10.99.0.1", 8080), Does.StartWith("task2"));
    }

    [Test]
    public void Nothing_is_left_after_delete()
    {
        PublishPorts(1, 2, 3);
        foreach (TestHost host in _hosts)
        {
            host.Delete();
            Assert.That(_net.Exec(host.Name, "ip -o link show").Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(2), "lo and eth0");
            Assert.That(_net.Exec(host.Name, "nft list tables"), Is.Empty);
        }

        Assert.That(Directory.GetFiles(_net.Folder, "host?-*"), Is.Empty);
        Assert.That(_net.Exec("task1", "ip -o link show").Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(1), "lo");

        // At once: the VNI must be free again.
        _hosts = [.. Enumerable.Range(1, 3).Select(number => new TestHost(_net, number))];
    }

    [Test]
    public void A_vni_in_use_on_the_host_is_refused_with_its_number()
    {
        OverlayNetworkOptions options = _hosts[0].Demo.Options with { Id = "second", NamespacePath = Path.Combine(_net.Folder, "second") };
        Assert.That(() => OverlayNetwork.Open(options), Throws.TypeOf<OverlayException>().With.Message.EqualTo(
            "The VNI 4097 of network second is already in use on UDP port 4789 of this host by a tunnel in another namespace: remove that, or give the network another VNI."));
    }

    [Test]
    public void A_namespace_file_without_its_mount_is_replaced()
    {
        OverlayNetworkOptions options = _hosts[0].Demo.Options with { Id = "half", Vni = 5000, NamespacePath = Path.Combine(_net.Folder, "half") };
        File.WriteAllText(options.NamespacePath, ""); // as after a kill between creating and mounting, or a reboot
        OverlayNetwork.Open(options).Delete();
        Assert.That(File.Exists(options.NamespacePath), Is.False);
    }

    private void SetPeers()
    {
        foreach (TestHost host in _hosts)
        {
            host.Demo.SetPeers(AllPeers("10.0.1"));
            host.Ingress.SetPeers(AllPeers("10.0.0"));
        }
    }

    internal static List<OverlayPeer> AllPeers(string network)
    {
        var peers = new List<OverlayPeer>();
        for (int host = 1; host <= 3; host++)
        {
            peers.Add(new OverlayPeer(IPAddress.Parse($"{network}.1{host}"), IPAddress.Parse($"10.99.0.{host}")));
            if (network == "10.0.0")
            {
                peers.Add(new OverlayPeer(IPAddress.Parse($"{network}.10{host}"), IPAddress.Parse($"10.99.0.{host}")));
            }
        }

        return peers;
    }

    private void PublishPorts(params int[] tasks)
    {
        foreach (TestHost host in _hosts)
        {
            host.Mesh.SetPorts(
            [
                new PublishedPort(ProtocolType.Tcp, 8080, [.. tasks.Select(static task => new PortBackend(IPAddress.Parse($"10.0.0.1{task}"), 80))]),
                new PublishedPort(ProtocolType.Udp, 5300, [.. tasks.Select(static task => new PortBackend(IPAddress.Parse($"10.0.0.1{task}"), 53))]),
            ]);
        }
    }

    private static VirtualService Service(params int[] tasks)
        => new(IPAddress.Parse(Vip), [.. tasks.Select(static task => new Backend(IPAddress.Parse($"10.0.1.1{task}")))]);

    private sealed class ByAddress : IComparer<IPAddress>
    {
        public int Compare(IPAddress? x, IPAddress? y) => x!.ToUInt32().CompareTo(y!.ToUInt32());
    }
}
