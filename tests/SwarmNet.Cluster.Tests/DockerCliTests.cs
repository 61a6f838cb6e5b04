namespace SwarmNet.Cluster.Tests;

/// <summary>The main job again, driven by the stock <c>docker</c> CLI against the hosts' sockets.</summary>
[Category("Kernel")]
[Category("Peers")]
[Category("Slow")]
[NonParallelizable]
public sealed class DockerCliTests
{
    [Test]
    public async Task The_stock_client_plays_the_main_job()
    {
        Assert.That(File.Exists("/usr/local/bin/docker") || File.Exists("/usr/bin/docker"), "the docker CLI is missing (Debian package docker.io)");
        var before = MachineState.Capture();
        var lab = await LabHarness.UpAsync(3, "docker");
        await using (lab)
        {
            await PlayAsync(lab);
        }

        lab.AssertNothingLeft(before);
    }

    private static async Task PlayAsync(LabHarness lab)
    {
        var init = (await lab.DockerAsync("node1", "swarm", "init", "--advertise-addr", "10.77.0.11")).Ok().Text;
        Assert.That(init, Does.Match("^Swarm initialized: current node \\([0-9a-z]{25}\\) is now a manager\\."));
        var token = (await lab.DockerAsync("node1", "swarm", "join-token", "-q", "worker")).Ok().Text;
        foreach (var node in new[] { "node2", "node3" })
        {
            Assert.That((await lab.DockerAsync(node, "swarm", "join", "--token", token, "10.77.0.11:2377")).Ok().Text, Is.EqualTo("This node joined a swarm as a worker."));
        }

        Assert.That((await lab.DockerAsync("node1", "info", "--format", "{{.Swarm.LocalNodeState}} {{.Swarm.Nodes}} {{.Swarm.Managers}}")).Ok().Text, Is.EqualTo("active 3 1"));
        Assert.That((await lab.DockerAsync("node1", "node", "ls", "--format", "{{.Hostname}} {{.Status}}")).Ok().Lines, Is.EqualTo(new[] { "node1 Ready", "node2 Ready", "node3 Ready" }));
        Assert.That((await lab.DockerAsync("node1", "node", "inspect", "self", "--format", "{{.Spec.Role}}")).Ok().Text, Is.EqualTo("manager"));

        var tar = Path.Combine(TestContext.CurrentContext.WorkDirectory, "docker-busybox.tar");
        (await CommandResult.RunAsync(Path.Combine(TestContext.CurrentContext.TestDirectory, "busybox-rootfs.sh"), [tar])).Ok();
        foreach (var node in new[] { "node1", "node2", "node3" })
        {
            (await lab.DockerAsync(node, "import", "--change", "CMD [\"sh\"]", tar, "busybox:latest")).Ok();
            Assert.That((await lab.DockerAsync(node, "images", "--format", "{{.Repository}}:{{.Tag}}")).Ok().Lines, Does.Contain("busybox:latest"));
        }

        (await lab.DockerAsync("node1", "network", "create", "-d", "overlay", "demo")).Ok();
        Assert.That((await lab.DockerAsync("node1", "network", "ls", "--filter", "driver=overlay", "--format", "{{.Name}} {{.Scope}}")).Ok().Lines, Is.EquivalentTo(new[] { "demo swarm", "ingress swarm" }));
        Assert.That((await lab.DockerAsync("node1", "network", "inspect", "demo", "--format", "{{.Driver}}")).Ok().Text, Is.EqualTo("overlay"));

        var create = (await lab.DockerAsync(
            "node1", "service", "create", "--name", "web", "--network", "demo", "--replicas", "3", "-p", "8080:80", "busybox",
            "sh", "-c", "hostname >/var/www/index.html; exec httpd -f -p 80 -h /var/www")).Ok();
        Assert.That(create.Output, Does.Contain("converged"), "the client's own verification");
        Assert.That((await lab.DockerAsync("node1", "service", "ls", "--format", "{{.Name}} {{.Mode}} {{.Replicas}} {{.Ports}}")).Ok().Text, Is.EqualTo("web replicated 3/3 *:8080->80/tcp"));
        Assert.That((await lab.DockerAsync("node1", "service", "ps", "web", "--format", "{{.CurrentState}}")).Ok().Lines, Has.All.StartsWith("Running"));
        Assert.That((await lab.DockerAsync("node1", "service", "inspect", "--pretty", "web")).Ok().Text, Does.Contain("PublishedPort = 8080"));
        foreach (var address in new[] { "10.77.0.11", "10.77.0.12", "10.77.0.13" })
        {
            Assert.That((await lab.CurlAsync($"http://{address}:8080/", LabHarness.Turns)).Distinct().Count(), Is.EqualTo(3), address);
        }

        Assert.That((await lab.DockerAsync("node1", "service", "scale", "web=5")).Ok().Output, Does.Contain("converged"));
        Assert.That((await lab.DockerAsync("node1", "service", "update", "--replicas", "4", "web")).Ok().Output, Does.Contain("converged"));
        Assert.That((await lab.DockerAsync("node1", "service", "update", "--image", "busybox:latest", "--env-add", "A=1", "--update-parallelism", "2", "web")).Ok().Output, Does.Contain("converged"));
        Assert.That((await lab.DockerAsync("node2", "ps", "--format", "{{.Image}}")).Ok().Lines, Has.All.EqualTo("busybox:latest"));
        Assert.That((await lab.DockerAsync("node1", "node", "ps", "node2", "--format", "{{.Name}}")).Ok().Lines, Is.Not.Empty);

        var worker = await lab.DockerAsync("node2", "service", "ls");
        Assert.That((worker.ExitCode, worker.Error), Is.EqualTo((1, "Error response from daemon: This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.\n")));
        var twice = await lab.DockerAsync("node2", "swarm", "join", "--token", token, "10.77.0.11:2377");
        Assert.That((twice.ExitCode, twice.Error), Is.EqualTo((1, "Error response from daemon: This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one.\n")));
        var taken = await lab.DockerAsync("node1", "service", "create", "--detach", "--name", "web", "busybox");
        Assert.That((taken.ExitCode, taken.Error), Is.EqualTo((1, "Error response from daemon: rpc error: code = AlreadyExists desc = name conflicts with an existing object: service web already exists\n")));

        (await lab.DockerAsync("node1", "service", "rm", "web")).Ok();
        await LabHarness.UntilAsync(async () => (await lab.DockerAsync("node1", "network", "rm", "demo")).ExitCode == 0, "the network can be removed");
        (await lab.DockerAsync("node3", "swarm", "leave")).Ok();
        (await lab.DockerAsync("node1", "swarm", "leave", "--force")).Ok();
        Assert.That((await lab.DockerAsync("node1", "info", "--format", "{{.Swarm.LocalNodeState}}")).Ok().Text, Is.EqualTo("inactive"));
    }
}
