namespace SwarmNet.Cluster.Tests;

/// <summary>Options of networks and of the swarm's data path, on a swarm whose tunnels go by addresses and a port of their own; and what is refused.</summary>
[Category("Kernel")]
[Category("Slow")]
[NonParallelizable]
public sealed class NetworkOptionsTests
{
    private const string Port = "5789";
    private const string Serve = "hostname >/var/www/index.html; exec httpd -f -p 80 -h /var/www";
    private LabHarness _lab = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _lab = await LabHarness.UpAsync(2, "options");
        try
        {
            foreach (var n in new[] { 1, 2 })
            {
                // What leaves a host for the other one's tunnel is counted by address and port.
                (await _lab.OnAsync($"node{n}", "ip", "addr", "add", DataAddress(n) + "/24", "dev", "eth0")).Ok();
                (await _lab.OnAsync(
                    $"node{n}", "nft",
                    "add table ip test; add chain ip test out { type filter hook output priority 500; }; add counter ip test right; add counter ip test wrong; "
                    + $"add rule ip test out ip saddr {DataAddress(n)} ip daddr {DataAddress(3 - n)} udp dport {Port} counter name right; "
                    + $"add rule ip test out udp dport {{ 4789, {Port} }} ip saddr != {DataAddress(n)} counter name wrong")).Ok();
            }

            await _lab.InitAsync(2, ["--data-path-addr", DataAddress(1), "--data-path-port", Port], n => ["--advertise-addr", $"10.77.0.{10 + n}", "--data-path-addr", DataAddress(n)]);
        }
        catch
        {
            await _lab.ReportAsync();
            await _lab.DisposeAsync();
            throw;
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _lab.DisposeAsync();

    [Test]
    public async Task Tunnels_go_by_the_data_paths_addresses_and_port()
    {
        await NetworkAsync("path");
        await ServeAsync("path1", "path", 1);
        await ServeAsync("path2", "path", 2);
        var before = await CountAsync("right");
        await AnswersAsync("path1", "http://path2/");
        Assert.That(await CountAsync("right"), Is.GreaterThanOrEqualTo(before + 4), "questions and answers between the hosts");
        Assert.That(await CountAsync("wrong"), Is.Zero);
        Assert.That((await _lab.OnAsync("node1", "swarm", "info")).Ok().Text, Does.Contain($"Data Path Port: {Port}"));
    }

    [Test]
    public async Task An_internal_network_joins_its_tasks_and_leads_nowhere_else()
    {
        await NetworkAsync("inner", "--internal");
        await ServeAsync("inner1", "inner", 1);
        await ServeAsync("inner2", "inner", 2);
        await AnswersAsync("inner1", "http://inner2/");
        Assert.That((await _lab.InServiceAsync("inner1", "ip", "route")).Ok().Lines, Has.All.StartsWith("10.").And.None.StartsWith("default"), "no way out");
        Assert.That((await _lab.InServiceAsync("inner1", "ip", "-o", "link")).Ok().Lines, Has.Length.EqualTo(2), "loopback and the network");
        foreach (var outside in new[] { "10.77.0.11", "10.77.0.12" })
        {
            var asked = await _lab.InServiceAsync("inner1", "nc", "-w", "2", outside, "2377");
            Assert.That(asked.ExitCode, Is.Not.Zero, "no host can be reached");
            Assert.That(asked.Output + asked.Error, Does.Contain("unreachable"));
        }

        var id = (await _lab.OnAsync("node1", "swarm", "service", "inspect", "--format", "{{.ID}} {{len .Endpoint.VirtualIPs}}", "inner1")).Ok().Text;
        Assert.That(id, Does.EndWith(" 1"), "not on the mesh's network");
    }

    [Test]
    public async Task A_container_that_belongs_to_no_service_is_refused_by_one_clear_sentence()
    {
        await NetworkAsync("open", "--attachable");
        await ServeAsync("open1", "open", 1);
        Assert.That((await _lab.OnAsync("node1", "swarm", "network", "inspect", "--format", "{{.Attachable}}", "open")).Ok().Text, Is.EqualTo("true"));
        var run = await _lab.DockerAsync("node1", "run", "--network", "open", "busybox", "true");
        Assert.That(run.ExitCode, Is.EqualTo(125));
        Assert.That(run.Error, Does.Contain(
            "Error response from daemon: this engine runs containers for services only: use \"docker service create\" or \"docker service update\""));
        var container = (await _lab.OnAsync("node1", "swarm", "ps", "-q", "--filter", "name=open1")).Ok().Text;
        var connect = await _lab.OnAsync("node1", "swarm", "network", "connect", "open", container);
        Assert.That((connect.ExitCode, connect.Error), Is.EqualTo(
            (1, "Error response from daemon: containers of a swarm get their networks from their service: change the service's networks\n")));
    }

    [Test]
    public async Task Impossible_ports_are_refused_by_one_sentence_and_leave_nothing()
    {
        var wide = await CreateAsync("wide", "--publish", "10000-40000:10000-40000");
        Assert.That((wide.ExitCode, wide.Error), Is.EqualTo((1,
            "Error response from daemon: rpc error: code = InvalidArgument desc = EndpointSpec: 30001 ports cannot be published: the services of a swarm can publish 16384 together, and others have 0 of them. Publish a narrower range.\n")));
        var dnsrr = await CreateAsync("dnsrr", "--publish", "8080:80", "--endpoint-mode", "dnsrr");
        Assert.That((dnsrr.ExitCode, dnsrr.Error), Is.EqualTo((1,
            "Error response from daemon: rpc error: code = InvalidArgument desc = EndpointSpec: port published with ingress mode can't be used with dnsrr mode\n")));
        Assert.That((await _lab.OnAsync("node1", "swarm", "service", "ls", "--format", "{{.Name}}")).Ok().Lines, Has.None.AnyOf("wide", "dnsrr"));
    }

    private static string DataAddress(int node) => $"10.88.0.{10 + node}";

    private async Task NetworkAsync(string name, params string[] options) =>
        (await _lab.OnAsync("node1", ["swarm", "network", "create", "-d", "overlay", .. options, name])).Ok();

    private Task<CommandResult> CreateAsync(string name, params string[] options) =>
        _lab.OnAsync("node1", ["swarm", "service", "create", "--name", name, "--no-resolve-image", "--detach", .. options, "busybox", "sh", "-c", Serve]);

    private async Task ServeAsync(string name, string network, int node)
    {
        (await CreateAsync(name, "--network", network, "--constraint", $"node.hostname==node{node}")).Ok();
        await _lab.ReplicasAsync(name, "1/1");
    }

    private Task AnswersAsync(string from, string url) => LabHarness.UntilAsync(
        async () => (await _lab.InServiceAsync(from, "timeout", "5", "wget", "-q", "-O", "-", url)) is { ExitCode: 0, Text.Length: > 0 }, $"{from} reaches {url}", seconds: 30);

    private async Task<long> CountAsync(string counter)
    {
        long packets = 0;
        foreach (var node in new[] { "node1", "node2" })
        {
            var words = (await _lab.OnAsync(node, "nft", "list", "counter", "ip", "test", counter)).Ok().Text.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
            packets += long.Parse(words[Array.IndexOf(words, "packets") + 1], System.Globalization.CultureInfo.InvariantCulture);
        }

        return packets;
    }
}
