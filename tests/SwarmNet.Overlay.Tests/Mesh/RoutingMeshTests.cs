using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Mesh;

/// <summary>A node between an outer segment (192.0.2.0/24, with a stranger) and an ingress segment (10.255.0.0/24, with tasks).</summary>
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
        _net.Exec("t2", "ip route add default via 10.255.0.2");
        foreach (string task in new[] { "t1", "t2" })
        {
            _net.ServeTcp(_net[task], 80, task);
            _net.ServeUdp(_net[task], 53, task);
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
    public async Task Strangers_take_turns_on_the_backends_and_appear_as_the_node()
    {
        _mesh.SetPorts([Tcp(8080, 11, 12)]);
        Dictionary<string, int> counts = await TestNet.CountTcp(_net["stranger"], NodeIp, 8080, 20);
        Assert.That(counts.Keys, Is.EquivalentTo(new[] { "t1", "t2" }));
        Assert.That(counts.Values, Is.All.InRange(9, 11));
        Assert.That(await TestNet.AskTcp(_net["stranger"], NodeIp, 8080), Does.EndWith(" 10.255.0.2"));
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
        Assert.That(error.Message, Is.EqualTo("Port 9090/tcp is already in use by a process of this host."));
        Assert.That(error.Ports, Is.EqualTo(new[] { (ProtocolType.Tcp, (ushort)9090) }));
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
        Assert.That(_net.Exec("node", "nft list ruleset"), Is.Empty);
        _net.ServeTcp(_net["node"], 8080, "free");
    }

    private RoutingMesh Open() => RoutingMesh.Open(new RoutingMeshOptions { Namespace = _net["node"], IngressInterface = "ing0" });

    private static PublishedPort Tcp(ushort port, params int[] tasks)
        => new(ProtocolType.Tcp, port, [.. tasks.Select(static host => new PortBackend(Ip(host), 80))]);

    private static PublishedPort Udp(ushort port, params int[] tasks)
        => new(ProtocolType.Udp, port, [.. tasks.Select(static host => new PortBackend(Ip(host), 53))]);

    private static IPAddress Ip(int host) => IPAddress.Parse($"10.255.0.{host}");
}
