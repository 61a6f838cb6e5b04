namespace SwarmNet.Cluster.Tests;

/// <summary>The main job as a user plays it, on three hosts, with our own command line.</summary>
[Category("Kernel")]
[Category("Slow")]
[NonParallelizable]
public sealed class MainJobTests
{
    private LabHarness? _lab;
    private MachineState _before = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _before = MachineState.Capture();
        _lab = await LabHarness.SwarmAsync(3, "job");
        (await _lab!.OnAsync("node1", "swarm", "network", "create", "-d", "overlay", "demo")).Ok();
        (await _lab!.OnAsync(
            "node1", "swarm", "service", "create", "--name", "web", "--network", "demo", "--replicas", "3", "-p", "8080:80", "-p", "8053:53/udp", "--no-resolve-image",
            "busybox", "sh", "-c",
            "hostname >/var/www/index.html; mkdir /var/www/cgi-bin; printf '#!/bin/sh\\necho; echo $REMOTE_ADDR\\n' >/var/www/cgi-bin/client; chmod +x /var/www/cgi-bin/client; (while true; do hostname | nc -u -l -p 53 -w 1; done) & exec httpd -f -p 0.0.0.0:80 -h /var/www")).Ok();
        (await _lab!.OnAsync("node1", "swarm", "service", "create", "--name", "client", "--network", "demo", "--no-resolve-image", "busybox", "sleep", "1d")).Ok();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
            _lab.AssertNothingLeft(_before);
        }
    }

    /// <summary>The steps build on each other: one story, one test.</summary>
    [Test]
    public async Task The_main_job()
    {
        await Three_nodes_are_ready_and_the_first_leads();
        await Replicas_are_spread_one_per_node();
        await Every_node_answers_on_the_published_port_and_all_replicas_take_turns();
        await A_task_sees_the_address_of_its_client();
        await Names_and_the_virtual_address_work_in_a_client_task();
        await A_killed_task_is_replaced();
        await Restarting_the_manager_forgets_nothing_and_restarts_nothing();
        await The_tasks_of_a_dead_node_run_elsewhere();
        await A_node_that_comes_back_is_ready_and_its_old_tasks_are_gone();
        await Removed_services_and_a_left_swarm_leave_nothing_running();
    }

    private async Task Three_nodes_are_ready_and_the_first_leads()
    {
        var nodes = (await _lab!.OnAsync("node1", "swarm", "node", "ls", "--format", "{{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}")).Ok().Lines;
        Assert.That(nodes.Select(n => n.TrimEnd()), Is.EqualTo(new[] { "node1 Ready Active Leader", "node2 Ready Active", "node3 Ready Active" }));
    }

    private async Task Replicas_are_spread_one_per_node()
    {
        var nodes = (await _lab!.OnAsync("node1", "swarm", "service", "ps", "--format", "{{.Node}} {{.CurrentState}}", "web")).Ok().Lines;
        Assert.That(nodes.Select(n => n.Split(' ')[0]), Is.EquivalentTo(new[] { "node1", "node2", "node3" }));
        Assert.That(nodes, Has.All.Contains("Running"));
    }

    private async Task Every_node_answers_on_the_published_port_and_all_replicas_take_turns()
    {
        foreach (var address in new[] { "10.77.0.11", "10.77.0.12", "10.77.0.13" })
        {
            var answers = await _lab!.CurlAsync($"http://{address}:8080/", LabHarness.Turns);
            Assert.That(answers.Distinct().Count(), Is.EqualTo(3), $"{address} answered {string.Join(", ", answers)}");
        }

        Assert.That((await _lab!.CurlAsync("http://127.0.0.1:8080/", LabHarness.Turns, from: "node2")).Distinct().Count(), Is.EqualTo(3), "from the host itself");
        Assert.That((await _lab!.CurlAsync("http://10.77.0.13:8080/", LabHarness.Turns, from: "node2")).Distinct().Count(), Is.EqualTo(3), "from another host");
    }

    private async Task A_task_sees_the_address_of_its_client()
    {
        var outside = (await _lab!.OnAsync("outside", "hostname", "-I")).Ok().Text.Split(' ')[0];
        foreach (var address in new[] { "10.77.0.11", "10.77.0.12", "10.77.0.13" })
        {
            Assert.That(await _lab!.CurlAsync($"http://{address}:8080/cgi-bin/client", 6), Is.All.EqualTo(outside), $"through {address}, whichever replica answers");
        }

        Assert.That(await _lab!.CurlAsync("http://10.77.0.13:8080/cgi-bin/client", 3, from: "node2"), Is.All.EqualTo("10.77.0.12"), "a node through another one");
    }

    private async Task Names_and_the_virtual_address_work_in_a_client_task()
    {
        var vip = (await _lab!.OnAsync("node1", "swarm", "service", "inspect", "--format", "{{range .Endpoint.VirtualIPs}}{{.Addr}} {{end}}", "web")).Ok().Text;
        var web = await InClientAsync("nslookup", "web");
        var tasks = await InClientAsync("nslookup", "tasks.web");
        var address = Array.FindLast(web.Split('\n'), l => l.StartsWith("Address", StringComparison.Ordinal))!.Split(' ')[^1];
        Assert.Multiple(() =>
        {
            Assert.That(vip, Does.Contain(address + "/"), web);
            Assert.That(tasks.Split('\n').Count(l => l.StartsWith("Address", StringComparison.Ordinal) && !l.Contains("127.0.0.11", StringComparison.Ordinal)), Is.EqualTo(3), tasks);
        });
        // A task of the service itself is on the ingress network too, where the service has another virtual address.
        var task = (await _lab!.OnAsync("node1", "swarm", "ps", "-q", "--filter", "name=web")).Ok().Lines[0];
        Assert.That((await _lab!.OnAsync("node1", "swarm", "exec", task, "nslookup", "web")).Ok().Text, Does.Contain($"Address: {address}\n"));
        var answers = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            answers.Add(await InClientAsync("wget", "-q", "-O", "-", "http://web/"));
        }

        Assert.That(answers.Distinct().Count(), Is.GreaterThan(1), string.Join(", ", answers));
    }

    private async Task A_killed_task_is_replaced()
    {
        (await _lab!.OnAsync("node1", "swarm", "service", "scale", "web=5")).Ok();
        var victim = (await _lab!.OnAsync("node2", "swarm", "ps", "-q", "--no-trunc", "--filter", "name=web")).Ok().Lines[0];
        var pid = (await _lab!.OnAsync("node2", "swarm", "inspect", "--format", "{{.State.Pid}}", victim)).Ok().Text;
        (await _lab!.OnAsync("node2", "sh", "-c", $"kill -9 {pid}")).Ok();
        await LabHarness.UntilAsync(async () => !(await _lab!.OnAsync("node2", "swarm", "ps", "-q", "--no-trunc")).Lines.Contains(victim), "the killed task is gone");
        await _lab!.ReplicasAsync("web", "5/5");
        var failed = (await _lab!.OnAsync("node1", "swarm", "service", "ps", "--no-trunc", "--format", "{{.CurrentState}} {{.Error}}", "web")).Ok().Lines;
        Assert.That(failed, Has.Some.Match("^Failed.*task: non-zero exit \\(137\\)"));
    }

    private async Task Restarting_the_manager_forgets_nothing_and_restarts_nothing()
    {
        var before = (await _lab!.OnAsync("node1", "swarm", "ps", "-q", "--no-trunc")).Ok().Lines;
        (await _lab!.LabAsync(30, "stop", "--kill", "node1")).Ok();
        (await _lab!.LabAsync(30, "start", "node1")).Ok();
        await LabHarness.UntilAsync(async () => (await _lab!.OnAsync("node1", "swarm", "service", "ls")).ExitCode == 0, "the manager answers");
        await _lab!.ReplicasAsync("web", "5/5");
        await LabHarness.UntilAsync(
            async () => (await _lab!.OnAsync("node1", "swarm", "node", "ls", "--format", "{{.Status}}")).Lines.All(s => s == "Ready"), "all nodes are ready again");
        Assert.That((await _lab!.OnAsync("node1", "swarm", "ps", "-q", "--no-trunc")).Ok().Lines, Is.EquivalentTo(before));
        Assert.That(await _lab!.CurlAsync("http://10.77.0.11:8080/", 5), Has.Count.EqualTo(5));
    }

    private async Task The_tasks_of_a_dead_node_run_elsewhere()
    {
        (await _lab!.LabAsync(30, "stop", "--power-off", "node3")).Ok();
        await LabHarness.UntilAsync(
            async () => (await _lab!.OnAsync("node1", "swarm", "node", "ls", "--format", "{{.Hostname}} {{.Status}}")).Lines.Contains("node3 Down"), "node3 is Down");
        await _lab!.ReplicasAsync("web", "5/5");
        var nodes = (await _lab!.OnAsync("node1", "swarm", "service", "ps", "--filter", "desired-state=running", "--format", "{{.Node}}", "web")).Ok().Lines;
        Assert.That(nodes, Has.None.EqualTo("node3"));
        // A task runs a moment before its server listens.
        await _lab!.AnswerersAsync("http://10.77.0.12:8080/", 5);
    }

    private async Task A_node_that_comes_back_is_ready_and_its_old_tasks_are_gone()
    {
        (await _lab!.LabAsync(30, "start", "node3")).Ok();
        await LabHarness.UntilAsync(
            async () => (await _lab!.OnAsync("node1", "swarm", "node", "ls", "--format", "{{.Hostname}} {{.Status}}")).Lines.Contains("node3 Ready"), "node3 is Ready");
        await LabHarness.UntilAsync(async () => (await _lab!.OnAsync("node3", "swarm", "ps", "-q", "--filter", "name=web")).Lines.Length == 0, "no old task runs on node3");
        await _lab!.AnswerersAsync("http://10.77.0.13:8080/", 5);
    }

    private async Task Removed_services_and_a_left_swarm_leave_nothing_running()
    {
        (await _lab!.OnAsync("node1", "swarm", "service", "rm", "web", "client")).Ok();
        foreach (var node in new[] { "node1", "node2", "node3" })
        {
            await LabHarness.UntilAsync(async () => (await _lab!.OnAsync(node, "swarm", "ps", "-aq")).Ok().Lines.Length == 0, $"no container on {node}");
        }

        (await _lab!.OnAsync("node1", "swarm", "network", "rm", "demo")).Ok();
        (await _lab!.OnAsync("node2", "swarm", "leave")).Ok();
        var last = await _lab!.OnAsync("node1", "swarm", "leave");
        Assert.That((last.ExitCode, last.Error), Is.EqualTo((1, "Error response from daemon: You are attempting to leave the swarm on a node that is participating as a manager. Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message.\n")));
        (await _lab!.OnAsync("node1", "swarm", "leave", "--force")).Ok();
        foreach (var node in new[] { "node1", "node2" })
        {
            var links = (await _lab!.OnAsync(node, "ip", "-o", "link")).Ok().Lines;
            Assert.That(links.Select(l => l.Split(": ")[1].Split('@')[0]), Is.EquivalentTo(new[] { "lo", "eth0" }), $"links on {node}");
            Assert.That((await _lab!.OnAsync(node, "nft", "list", "tables")).Ok().Text, Is.Empty, $"nf_tables on {node}");
            Assert.That(Directory.EnumerateFiles(Path.Combine(_lab!.Folder, node, "run", "netns")), Is.Empty, $"namespaces on {node}");
        }
    }

    private async Task<string> InClientAsync(params string[] command) => (await _lab!.InServiceAsync("client", command)).Ok().Text;
}
