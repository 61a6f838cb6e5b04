using System.Net;
using System.Net.Sockets;
using SwarmNet.Overlay.Mesh;

namespace SwarmNet.Overlay.Kernel;

/// <summary>
/// Which address a task sees behind a published port: three hosts (10.99.0.1 to .3) and a stranger (.50) on one segment, task N on host N with the ingress
/// address 10.0.0.1N; host N's own there is 10.0.0.10N.
/// </summary>
[Category("Kernel")]
[TestFixture(ReturnPathMode.EgressHook)]
[TestFixture(ReturnPathMode.RoutingRules)]
public sealed class TrueSourceTests(ReturnPathMode mode)
{
    private TestNet _net = null!;
    private TestHost[] _hosts = null!;

    [OneTimeSetUp]
    public void Build()
    {
        _net = new TestNet();
        try
        {
            _net.Switch("underlay", "eth0", ("host1", "10.99.0.1/24"), ("host2", "10.99.0.2/24"), ("host3", "10.99.0.3/24"), ("stranger", "10.99.0.50/24"));
            _hosts = [.. Enumerable.Range(1, 3).Select(number => new TestHost(_net, number, mode))];
            foreach (TestHost host in _hosts)
            {
                string name = $"task{host.Number}";
                var task = host.AddTask(name, 10 + host.Number);
                _net.ServeTcp(task, 80, name);
                _net.ServeUdp(task, 53, name);
            }

            foreach (TestHost host in _hosts)
            {
                host.Ingress.SetPeers(ThreeHostsTests.AllPeers("10.0.0"));
            }
        }
        catch
        {
            _net.Dispose();
            throw;
        }
    }

    [OneTimeTearDown]
    public void Remove()
    {
        foreach (TestHost host in _hosts)
        {
            host.Dispose();
        }

        _net.Dispose();
    }

    [Test]
    public void It_works_in_the_wanted_manner() => Assert.That(_hosts[0].ReturnPaths[0].Mode, Is.EqualTo(mode));

    // Twelve ways: a stranger, a host and a task, through their own host and others, to a server that is on the entry host, on the client's, or on neither.
    [TestCase("stranger", "10.99.0.1", 1, ExpectedResult = "10.99.0.50")]
    [TestCase("stranger", "10.99.0.1", 2, ExpectedResult = "10.99.0.50")]
    [TestCase("stranger", "10.99.0.3", 2, ExpectedResult = "10.99.0.50")]
    [TestCase("host1", "10.99.0.1", 1, ExpectedResult = "10.99.0.1")]
    [TestCase("host1", "10.99.0.1", 2, ExpectedResult = "10.99.0.1")]
    [TestCase("host1", "127.0.0.1", 1, ExpectedResult = "10.0.0.101")]
    [TestCase("host1", "127.0.0.1", 2, ExpectedResult = "10.0.0.101")]
    [TestCase("host1", "10.99.0.2", 1, ExpectedResult = "10.99.0.1")]
    [TestCase("host1", "10.99.0.2", 2, ExpectedResult = "10.99.0.1")]
    [TestCase("host1", "10.99.0.2", 3, ExpectedResult = "10.99.0.1")]
    [TestCase("task1", "10.99.0.1", 2, ExpectedResult = "10.0.0.101")]
    [TestCase("task1", "10.99.0.1", 1, ExpectedResult = "10.0.0.101")]
    [TestCase("task1", "10.99.0.2", 1, ExpectedResult = "10.99.0.1")]
    [TestCase("task1", "10.99.0.2", 2, ExpectedResult = "10.99.0.1")]
    [TestCase("task1", "10.99.0.2", 3, ExpectedResult = "10.99.0.1")]
    public async Task<string> Source_that_the_server_sees(string client, string address, int task)
    {
        Publish(task, translated: false);
        string[] tcp = (await TestNet.AskTcp(_net[client], address, 8080)).Split(' ');
        string[] udp = (await TestNet.AskUdp(_net[client], address, 5300)).Split(' ');
        Assert.That((tcp[0], udp[0]), Is.EqualTo(($"task{task}", $"task{task}")));
        Assert.That(udp[1], Is.EqualTo(tcp[1]));
        return tcp[1];
    }

    [Test]
    public async Task A_backend_that_asks_for_it_sees_the_entry_host()
    {
        Publish(2, translated: true);
        Assert.That(await TestNet.AskTcp(_net["stranger"], "10.99.0.1", 8080), Is.EqualTo("task2 10.0.0.101"));
        Assert.That(await TestNet.AskUdp(_net["stranger"], "10.99.0.3", 5300), Is.EqualTo("task2 10.0.0.103"));
    }

    /// <summary>As a stock engine's ingress sandbox does: own address as source, published port as destination.</summary>
    [Test]
    public async Task An_entry_host_of_another_engine_is_answered()
    {
        Publish(2, translated: false);
        Assert.That(await TestNet.AskTcp(_net["host1"], "10.0.0.12", 8080), Is.EqualTo("task2 10.0.0.101"));
        Assert.That(await TestNet.AskUdp(_net["host1"], "10.0.0.12", 5300), Is.EqualTo("task2 10.0.0.101"));
    }

    [Test]
    public async Task Large_answers_and_questions_pass()
    {
        using Socket listener = TestNet.OpenSocket(_net["task3"], SocketType.Stream);
        listener.Bind(new IPEndPoint(IPAddress.Any, 81));
        listener.Listen();
        foreach (TestHost host in _hosts)
        {
            host.Mesh.SetPorts([new PublishedPort(ProtocolType.Tcp, 8081, [new PortBackend(IPAddress.Parse("10.0.0.13"), 81)])]);
        }

        using Socket client = TestNet.OpenSocket(_net["stranger"], SocketType.Stream);
        await client.ConnectAsync(IPAddress.Parse("10.99.0.1"), 8081);
        using Socket peer = await listener.AcceptAsync();
        byte[] sent = new byte[1_000_000];
        new Random(7).NextBytes(sent);
        foreach ((Socket from, Socket to) in new[] { (client, peer), (peer, client) })
        {
            Task<int> sending = from.SendAsync(sent);
            byte[] received = new byte[sent.Length];
            int length = 0;
            while (length < received.Length)
            {
                using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
                length += await to.ReceiveAsync(received.AsMemory(length), timeout.Token);
            }

            await sending;
            Assert.That(received.AsSpan().SequenceEqual(sent), Is.True);
        }
    }

    [Test]
    public async Task What_somebody_removed_from_the_return_path_is_put_back()
    {
        Publish(2, translated: false);
        ReturnPath path = _hosts[1].ReturnPaths[0];
        Assert.That(path.Repair(), Is.Empty);
        _net.Exec("task2", "ip neigh del 169.254.255.254 dev eth1");
        _net.Exec("task2", "ip rule del priority 21336");
        _net.Exec("task2", "nft delete table ip swarmnet_return");
        Assert.That(path.Repair(inspectOnly: true), Has.Count.EqualTo(3));
        Assert.That(path.Repair(), Has.Count.EqualTo(3), "looking changed nothing");
        _net.Exec("task2", "nft insert rule ip swarmnet_return prerouting accept");
        Assert.That(string.Join('|', path.Repair()), Is.EqualTo("rules of chain prerouting of table swarmnet_return was altered"));
        if (mode == ReturnPathMode.EgressHook)
        {
            _net.Exec("task2", "nft flush table netdev swarmnet_return");
            Assert.That(string.Join('|', path.Repair()), Is.EqualTo("rules of chain egress of table swarmnet_return was altered"));
        }

        Assert.That(path.Repair(), Is.Empty);
        Assert.That(await TestNet.AskTcp(_net["stranger"], "10.99.0.1", 8080), Is.EqualTo("task2 10.99.0.50"));
        Assert.That(await TestNet.AskUdp(_net["stranger"], "10.99.0.1", 5300), Is.EqualTo("task2 10.99.0.50"));
    }

    private void Publish(int task, bool translated)
    {
        foreach (TestHost host in _hosts)
        {
            host.Mesh.SetPorts(
            [
                new PublishedPort(ProtocolType.Tcp, 8080, [Backend(80)]),
                new PublishedPort(ProtocolType.Udp, 5300, [Backend(53)]),
            ]);
        }

        PortBackend Backend(ushort port) => new(IPAddress.Parse($"10.0.0.1{task}"), port) { TranslatesSource = translated };
    }
}
