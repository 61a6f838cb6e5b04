using SwarmNet.Manager.Peers;

namespace SwarmNet.Cluster.Tests;

/// <summary>
/// A stock Docker engine as a worker of our manager, beside a node of ours: traffic, names and published ports across the two. What the engine itself does with virtual addresses and
/// published ports takes IPVS, which not every kernel here has: so its tasks reach ours by task address, and ports are asked at our node.
/// </summary>
[Category("Peers")]
[Category("Slow")]
[NonParallelizable]
public sealed class StockEngineTests
{
    // The applets that the engine's image has.
    private const string Serve =
        "hostname >/var/www/index.html; mkdir /var/www/cgi-bin; printf '#!/bin/sh\\necho; echo $(hostname) $REMOTE_ADDR\\n' >/var/www/cgi-bin/client; chmod +x /var/www/cgi-bin/client; "
        + "exec httpd -f -p 0.0.0.0:80 -h /var/www";

    private LabHarness _lab = null!;
    private StockEngine _engine = null!;
    private string _ours = "";
    private string _theirs = "";

    [Test]
    [CancelAfter(180_000)]
    public async Task A_stock_engine_takes_part_in_networks_names_and_published_ports(CancellationToken cancellationToken)
    {
        if (StockEngine.Obstacle is { } obstacle)
        {
            Assert.Ignore(obstacle);
        }

        await using var lab = _lab = await LabHarness.SwarmAsync(1, "stock");
        await using var engine = _engine = await StockEngine.StartAsync(Path.Combine(lab.Folder, "switch.netns"), "lab0", "10.77.0.50", cancellationToken);
        await The_engine_joins_as_a_worker();
        await Its_task_and_ours_answer_under_the_services_name();
        await Its_task_reaches_ours();
        await A_port_asked_at_our_node_leads_to_both_and_the_clients_address_is_shown_where_it_can_be();
        await A_container_of_no_service_joins_an_attachable_network();
        await On_a_network_with_ipv6_its_task_has_both_addresses_and_answers_over_ipv4();
        await When_the_engine_leaves_its_task_is_no_longer_asked();
    }

    private async Task The_engine_joins_as_a_worker()
    {
        var token = (await _lab.OnAsync("node1", "swarm", "join-token", "-q", "worker")).Ok().Text;
        await DockerAsync("swarm", "join", "--token", token, "--advertise-addr", _engine.InnerAddress, "10.77.0.11:2377");
        await LabHarness.UntilAsync(
            async () => (await _lab.OnAsync("node1", "swarm", "node", "ls", "--format", "{{.Hostname}} {{.Status}}")).Ok().Lines.Order().SequenceEqual(
                new[] { "node1 Ready", $"{_engine.Name} Ready" }.Order()),
            "both are ready");
    }

    private async Task Its_task_and_ours_answer_under_the_services_name()
    {
        (await _lab.OnAsync("node1", "swarm", "network", "create", "-d", "overlay", "--attachable", "demo")).Ok();
        await CreateAsync("web", "--publish", "8080:80");
        await CreateAsync("plain", "--endpoint-mode", "dnsrr");
        await _lab.ReplicasAsync("web", "2/2");
        await _lab.ReplicasAsync("plain", "2/2");
        _ours = (await _lab.OnAsync("node1", "swarm", "ps", "-q", "--filter", "name=web")).Ok().Text;
        _theirs = await DockerAsync("ps", "-q", "--filter", "name=web");
        await LabHarness.UntilAsync(async () => (await NamesAsync("tasks.web")).Length == 2, "our resolver knows both tasks");
        await LabHarness.UntilAsync(async () => (await AskManyAsync(InOursAsync, "http://web/")).SetEquals([_ours, _theirs]), "both answer on the virtual address");
        Assert.That(await NamesAsync("plain"), Has.Length.EqualTo(2), "without a virtual address");
    }

    private async Task Its_task_reaches_ours()
    {
        foreach (var name in new[] { "tasks.web", "plain" })
        {
            await LabHarness.UntilAsync(
                async () => (await InTheirsAsync("nslookup", name)).Split('\n').Count(l => l.StartsWith("Address: 10.0.1.", StringComparison.Ordinal)) == 2, $"its resolver knows both of {name}");
        }

        await LabHarness.UntilAsync(async () => await InTheirsAsync("timeout", "5", "wget", "-q", "-O", "-", $"http://{_ours}/") == _ours, "its task reaches ours by its container's name");
        Assert.That(await InOursAsync("timeout", "5", "wget", "-q", "-O", "-", $"http://{_theirs}/"), Is.EqualTo(_theirs), "and ours its");
    }

    private async Task A_port_asked_at_our_node_leads_to_both_and_the_clients_address_is_shown_where_it_can_be()
    {
        await _lab.AnswerersAsync("http://10.77.0.11:8080/", 2);
        var clients = (await _lab.CurlAsync("http://10.77.0.11:8080/cgi-bin/client", 6)).Distinct().Select(l => l.Split(' ')).ToDictionary(w => w[0], w => w[1]);
        Assert.That(clients[_ours], Is.EqualTo("10.77.0.1"), "our task sees its client");
        Assert.That(clients[_theirs], Does.StartWith("10.0.0."), "a stock engine's task answers to the node that was asked only if that is its client");
    }

    private async Task A_container_of_no_service_joins_an_attachable_network()
    {
        (await _lab.OnAsync("node1", "swarm", "network", "create", "-d", "overlay", "shut")).Ok();
        var refused = await _engine.DockerAsync(default, "run", "--rm", "--network", "shut", "busybox", "true");
        Assert.That(refused.Output, Does.Contain("Could not attach to network shut: rpc error: code = PermissionDenied desc = network shut not manually attachable"));
        var container = (await DockerAsync("run", "-d", "--name", "alone", "--network", "demo", "--ip", "10.0.1.77", "busybox", "sh", "-c", Serve))[..12];
        await LabHarness.UntilAsync(async () => await InOursAsync("timeout", "5", "wget", "-q", "-O", "-", "http://alone/") == container, "our task reaches it by its name");
        Assert.That(await NamesAsync("alone"), Is.EqualTo(new[] { "10.0.1.77" }), "the address that was asked for");
        await DockerAsync("rm", "-f", "alone");
        await LabHarness.UntilAsync(async () => (await NamesAsync("alone")).Length == 0, "its name is gone");
        Assert.That(await DockerAsync("run", "--rm", "--network", "demo", "--ip", "10.0.1.77", "busybox", "ip", "addr", "show", "eth0"), Does.Contain("10.0.1.77/24"), "its address is free again");
    }

    private async Task On_a_network_with_ipv6_its_task_has_both_addresses_and_answers_over_ipv4()
    {
        (await _lab.OnAsync("node1", "swarm", "network", "create", "-d", "overlay", "--ipv6", "--subnet", "10.0.66.0/24", "--subnet", "fd00:66::/64", "dual")).Ok();
        (await _lab.OnAsync(
            "node1", "swarm", "service", "create", "-d", "--name", "both", "--mode", "global", "--network", "dual", "--no-resolve-image", "busybox", "sh", "-c", Serve)).Ok();
        await _lab.ReplicasAsync("both", "2/2");
        var theirs = await DockerAsync("ps", "-q", "--filter", "name=both");
        var ours = (await _lab.OnAsync("node1", "swarm", "ps", "-q", "--filter", "name=both")).Ok().Text;
        var addresses = await DockerAsync("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.GlobalIPv6Address}} {{end}}", theirs);
        Assert.That(addresses, Does.Match("10\\.0\\.66\\.[0-9]+ fd00:66::[0-9a-f]+"), "both, as the manager gave them");
        await LabHarness.UntilAsync(
            async () => (await AskManyAsync(async command => (await _lab.OnAsync("node1", ["swarm", "exec", ours, .. command])).Text, "http://10.0.66.2/")).SetEquals([ours, theirs]),
            "both answer on the virtual IPv4 address");
        Assert.That(
            (await _lab.OnAsync("node1", "swarm", "exec", ours, "nslookup", "tasks.both")).Text.Split('\n').Count(l => l.StartsWith("Address: fd00:66::", StringComparison.Ordinal)),
            Is.EqualTo(1), "the engine announces no IPv6 address, so nobody is sent to it");
        (await _lab.OnAsync("node1", "swarm", "service", "rm", "both")).Ok();
    }

    private async Task When_the_engine_leaves_its_task_is_no_longer_asked()
    {
        await DockerAsync("swarm", "leave");
        await LabHarness.UntilAsync(async () => (await NamesAsync("tasks.web")).Length == 1, "its name is gone");
        await LabHarness.UntilAsync(async () => (await AskManyAsync(InOursAsync, "http://web/")).SetEquals([_ours]), "ours answers alone");
        await LabHarness.UntilAsync(
            async () => (await _lab.OnAsync("node1", "swarm", "node", "ls", "--format", "{{.Hostname}} {{.Status}}")).Ok().Lines.Contains($"{_engine.Name} Down"), "it is down");
    }

    private async Task CreateAsync(string name, params string[] options) => (await _lab.OnAsync(
        "node1", ["swarm", "service", "create", "-d", "--name", name, "--mode", "global", "--network", "demo", "--no-resolve-image", .. options, "busybox", "sh", "-c", Serve])).Ok();

    private async Task<string> DockerAsync(params string[] arguments)
    {
        var (exitCode, output) = await _engine.DockerAsync(default, arguments);
        Assert.That(exitCode, Is.Zero, $"$ docker {string.Join(' ', arguments)}\n{output}");
        return output;
    }

    /// <summary>What a command in our task prints, also when it fails.</summary>
    private async Task<string> InOursAsync(params string[] command) => (await _lab.OnAsync("node1", ["swarm", "exec", _ours, .. command])).Text;

    /// <summary>The same in the stock engine's task.</summary>
    private async Task<string> InTheirsAsync(params string[] command) => (await _engine.DockerAsync(default, ["exec", _theirs, .. command])).Output;

    /// <summary>The addresses behind a name, as our task sees them.</summary>
    private async Task<string[]> NamesAsync(string name) =>
        [.. (await InOursAsync("nslookup", name)).Split('\n').Where(l => l.StartsWith("Address: 10.0.1.", StringComparison.Ordinal)).Select(l => l["Address: ".Length..].Trim())];

    private static async Task<HashSet<string>> AskManyAsync(Func<string[], Task<string>> run, string url)
    {
        var answers = new HashSet<string>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add(await run(["timeout", "5", "wget", "-q", "-O", "-", url]));
        }

        return answers;
    }
}
