using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;

namespace SwarmNet.Dns;

[TestFixture]
[Category("Kernel")]
[Category("Peers")]
public sealed class DnsServerTests
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"swarmnet-dns-{Environment.ProcessId}-{Guid.NewGuid():N}");
    private readonly ZoneView _zone = new(
    [
        new ZoneNetwork("front").Add("web", IPAddress.Parse("10.0.1.2")).AddReverse(IPAddress.Parse("10.0.1.3"), "web.1.abc"),
    ]);

    private NetworkNamespace _ns = null!;
    private DnsServer _server = null!;

    [SetUp]
    public void Start()
    {
        _ns = NetworkNamespace.Create(_path);
        _server = DnsServer.Start(new DnsServerOptions { Seed = 1, UpstreamTimeout = TimeSpan.FromMilliseconds(700) });
    }

    [TearDown]
    public void Stop()
    {
        _server.Dispose();
        _ns.Dispose();
        NetworkNamespace.Delete(_path);
    }

    [TestCase("+notcp")]
    [TestCase("+tcp")]
    public void Dig_inside_the_namespace_gets_local_names(string transport)
    {
        using DnsEndpoint endpoint = _server.Attach(_ns, _zone, []);
        int port = transport == "+tcp" ? endpoint.TcpPort : endpoint.UdpPort;

        Assert.That(Dig(port, $"{transport} +short web A"), Is.EqualTo("10.0.1.2\n"));
        Assert.That(Dig(port, $"{transport} +short web.front A"), Is.EqualTo("10.0.1.2\n"));
        Assert.That(Dig(port, $"{transport} +short -x 10.0.1.3"), Is.EqualTo("web.1.abc.front.\n"));
        Assert.That(Dig(port, $"{transport} web AAAA"), Does.Contain("status: NOERROR").And.Contain("flags: qr rd ra;").And.Contain("ANSWER: 0"));
    }

    [Test]
    public void A_new_zone_is_seen_at_once()
    {
        using DnsEndpoint endpoint = _server.Attach(_ns, ZoneView.Empty, []);
        Assert.That(Dig(endpoint.UdpPort, "web A"), Does.Contain("status: SERVFAIL"), "unknown, and nobody to ask");

        endpoint.UpdateZone(_zone);

        Assert.That(Dig(endpoint.UdpPort, "+short web A"), Is.EqualTo("10.0.1.2\n"));
    }

    [TestCase("+notcp", DnsTransport.Udp)]
    [TestCase("+tcp", DnsTransport.Tcp)]
    public void Unknown_names_go_upstream_over_the_same_transport(string digTransport, DnsTransport transport)
    {
        using var upstream = new FakeUpstream(query => FakeUpstream.Address4(query, "192.0.2.7"));
        using DnsEndpoint endpoint = _server.Attach(_ns, _zone, [upstream.Address]);
        int port = transport == DnsTransport.Tcp ? endpoint.TcpPort : endpoint.UdpPort;

        Assert.That(Dig(port, $"{digTransport} +short example.com A"), Is.EqualTo("192.0.2.7\n"));
        Assert.That(upstream.Received, Is.EqualTo(new[] { transport }));
    }

    [Test]
    public void The_next_server_is_asked_after_silence_SERVFAIL_and_REFUSED()
    {
        using var silent = new FakeUpstream(_ => null);
        using var failing = new FakeUpstream(query => FakeUpstream.WithCode(query, 2));
        using var refusing = new FakeUpstream(query => FakeUpstream.WithCode(query, 5));
        using var good = new FakeUpstream(query => FakeUpstream.Address4(query, "192.0.2.7"));
        using DnsEndpoint endpoint = _server.Attach(_ns, _zone, [failing.Address, refusing.Address, good.Address]);
        Assert.That(Dig(endpoint.UdpPort, "+short example.com A"), Is.EqualTo("192.0.2.7\n"));

        endpoint.UpdateUpstreams([silent.Address, good.Address]);
        Assert.That(Dig(endpoint.UdpPort, "+short example.com A"), Is.EqualTo("192.0.2.7\n"));
        Assert.That(silent.Received, Is.Not.Empty);

        endpoint.UpdateUpstreams([failing.Address, silent.Address, refusing.Address, good.Address]);
        Assert.That(Dig(endpoint.UdpPort, "example.com A"), Does.Contain("status: SERVFAIL"), "only three are asked");
        Assert.That(good.Received, Has.Count.EqualTo(2));
    }

    [Test]
    public void NXDOMAIN_goes_back_as_it_is()
    {
        using var first = new FakeUpstream(query => FakeUpstream.WithCode(query, 3));
        using var second = new FakeUpstream(query => FakeUpstream.Address4(query, "192.0.2.7"));
        using DnsEndpoint endpoint = _server.Attach(_ns, _zone, [first.Address, second.Address]);

        Assert.That(Dig(endpoint.UdpPort, "nowhere A"), Does.Contain("status: NXDOMAIN"));
        Assert.That(second.Received, Is.Empty);
    }

    [Test]
    public void A_forged_answer_is_not_believed()
    {
        using var upstream = new FakeUpstream(query =>
        {
            byte[] answer = FakeUpstream.Address4(query, "192.0.2.66");
            answer[0] ^= 0xff;
            return answer;
        });
        using DnsEndpoint endpoint = _server.Attach(_ns, _zone, [upstream.Address]);

        Assert.That(Dig(endpoint.UdpPort, "example.com A"), Does.Contain("status: SERVFAIL"));
    }

    [Test]
    public void Too_many_forwards_are_refused()
    {
        using var silent = new FakeUpstream(_ => null);
        using DnsServer server = DnsServer.Start(new DnsServerOptions { MaxForwardsPerEndpoint = 0 });
        using DnsEndpoint endpoint = server.Attach(_ns, _zone, [silent.Address]);

        Assert.That(Dig(endpoint.UdpPort, "example.com A"), Does.Contain("status: REFUSED"));
        Assert.That(silent.Received, Is.Empty);
    }

    [Test]
    public void Namespaces_are_served_apart_and_detaching_one_leaves_the_other()
    {
        string otherPath = _path + "-2";
        using NetworkNamespace other = NetworkNamespace.Create(otherPath);
        try
        {
            DnsEndpoint first = _server.Attach(_ns, _zone, []);
            using DnsEndpoint second = _server.Attach(other, new ZoneView([new ZoneNetwork("n").Add("web", IPAddress.Parse("10.9.9.9"))]), []);
            Assert.That(Dig(first.UdpPort, "+short web"), Is.EqualTo("10.0.1.2\n"));
            Assert.That(Dig(second.UdpPort, "+short web", otherPath), Is.EqualTo("10.9.9.9\n"));

            first.Dispose();
            first.Dispose();

            Assert.That(Dig(second.UdpPort, "+short web", otherPath), Is.EqualTo("10.9.9.9\n"));
            Assert.That(Exec(_path, "ss -lntuH"), Is.Empty, "its sockets are closed");
        }
        finally
        {
            NetworkNamespace.Delete(otherPath);
        }
    }

    [Test]
    public async Task Garbage_over_udp_and_tcp_does_not_stop_the_service()
    {
        using DnsServer server = DnsServer.Start(new DnsServerOptions { ListenAddress = IPAddress.Loopback });
        using DnsEndpoint endpoint = server.Attach(null, _zone, []);
        int seed = TestSeed.Next();
        var random = new Random(seed);
        using var udp = new UdpClient();
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = new byte[random.Next(100)];
            random.NextBytes(bytes);
            await udp.SendAsync(bytes, new IPEndPoint(IPAddress.Loopback, endpoint.UdpPort));
            if (i % 20 == 0)
            {
                using var tcp = new TcpClient();
                await tcp.ConnectAsync(IPAddress.Loopback, endpoint.TcpPort);
                await tcp.GetStream().WriteAsync(bytes);
            }
        }

        using var client = new UdpClient();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await client.SendAsync(DnsMessages.Query("web", DnsType.A), new IPEndPoint(IPAddress.Loopback, endpoint.UdpPort), deadline.Token);
        UdpReceiveResult answer = await client.ReceiveAsync(deadline.Token);
        Assert.That(DnsMessages.Parse(answer.Buffer, DnsMessages.Query("web", DnsType.A)).Addresses, Is.EqualTo(new[] { "10.0.1.2" }));
    }

    [Test]
    public async Task A_connection_serves_many_queries_and_is_closed_by_detaching()
    {
        using DnsServer server = DnsServer.Start(new DnsServerOptions { ListenAddress = IPAddress.Loopback });
        DnsEndpoint endpoint = server.Attach(null, _zone, []);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, endpoint.TcpPort);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        for (ushort id = 0; id < 50; id++)
        {
            byte[] query = DnsMessages.Query("web", DnsType.A, id);
            await DnsTcpFraming.WriteAsync(client.GetStream(), query, deadline.Token);
            byte[]? answer = await DnsTcpFraming.ReadAsync(client.GetStream(), deadline.Token);
            Assert.That(DnsMessages.Parse(answer, query).Id, Is.EqualTo(id));
        }

        endpoint.Dispose();
        byte[]? end = await DnsTcpFraming.ReadAsync(client.GetStream(), deadline.Token);
        Assert.That(end, Is.Null);
    }

    private string Dig(int port, string arguments, string? path = null) =>
        Exec(path ?? _path, $"dig @127.0.0.11 -p {port} +tries=1 +time=10 {arguments}");

    private static string Exec(string path, string command)
    {
        using Process process = Process.Start(new ProcessStartInfo("nsenter", $"--net={path} {command}") { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, $"{command}: {output}");
        return output;
    }
}
