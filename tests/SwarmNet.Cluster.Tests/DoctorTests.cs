namespace SwarmNet.Cluster.Tests;

/// <summary>What is broken in a node's networks by hand is found, named and put right by <c>swarm network doctor</c>.</summary>
[Category("Kernel")]
[Category("Slow")]
[NonParallelizable]
public sealed class DoctorTests
{
    [Test]
    public async Task The_doctor_finds_and_repairs_what_was_broken_by_hand()
    {
        await using var lab = await LabHarness.SwarmAsync(2, "doctor");
        (await lab.OnAsync("node1", "swarm", "network", "create", "-d", "overlay", "demo")).Ok();
        (await lab.OnAsync(
            "node1", "swarm", "service", "create", "--name", "web", "--network", "demo", "--mode", "global", "-p", "8080:80", "--no-resolve-image",
            "busybox", "sh", "-c", "hostname >/var/www/index.html; exec httpd -f -p 80 -h /var/www")).Ok();
        await lab.AnswerersAsync("http://10.77.0.12:8080/", 2);
        await LabHarness.UntilAsync(
            async () => (await lab.OnAsync("node2", "swarm", "network", "doctor")) is { ExitCode: 0 } healthy && healthy.Text.Contains("network demo: 1 endpoints here, 1 on other nodes"),
            "a healthy node is told so");

        var id = (await lab.OnAsync("node1", "swarm", "network", "inspect", "--format", "{{.Id}}", "demo")).Ok().Text;
        var pin = Path.Combine(lab.Folder, "node2", "run", "netns", "net-" + id);
        var container = (await lab.OnAsync("node2", "swarm", "ps", "-q", "--filter", "name=web")).Ok().Text;
        var pid = (await lab.OnAsync("node2", "swarm", "inspect", "--format", "{{.State.Pid}}", container)).Ok().Text;
        string[] damage =
        [
            "set -e",
            $"nsenter --net={pin} sh -c 'ip link set vxlan0 down && ip neigh flush dev br0 nud permanent'",
            $"nsenter -t {pid} -n nft 'flush map ip swarmnet_balancer slots; flush chain ip swarmnet_dns output; flush table ip swarmnet_return'",
            "nft flush map ip swarmnet_mesh slots",
            "ip link set swarm_gwbridge down",
        ];
        string[] named =
        [
            "network demo: link vxlan0", "balancer", "table swarmnet_dns", "table swarmnet_return",
            "mesh: set slots of table swarmnet_mesh differed",
            "gateway: link swarm_gwbridge was down",
        ];

        // The node's own pass may come between: then it is broken again.
        foreach (var (outcome, arguments, exitCode) in new[] { ("differs", Array.Empty<string>(), 1), ("repaired", ["--repair"], 0) })
        {
            CommandResult? told = null;
            await LabHarness.UntilAsync(
                async () =>
                {
                    (await lab.OnAsync("node2", "sh", "-c", string.Join('\n', damage))).Ok();
                    told = await lab.OnAsync("node2", ["swarm", "network", "doctor", .. arguments]);
                    return Array.TrueForAll(named, n => told.Lines.Any(l => l.StartsWith(outcome, StringComparison.Ordinal) && l.Contains(n, StringComparison.Ordinal)));
                },
                $"all that was broken is named: {outcome}");
            TestContext.Out.WriteLine(told!.Text);
            Assert.That(told.ExitCode, Is.EqualTo(exitCode), told.Text);
            Assert.That(told.Text, Does.Contain(exitCode == 0 ? "all is as it should be again" : "differences (to put right what differs: swarm network doctor --repair)"));
        }

        Assert.That((await lab.OnAsync("node2", "swarm", "network", "doctor", "-q")).Ok().Text, Is.Empty);
        await lab.AnswerersAsync("http://10.77.0.12:8080/", 2);
    }
}
