namespace SwarmNet.Cluster.Tests;

/// <summary>A daemon is killed and started again while requests run: containers and kernel go on, and nobody takes back what is still true.</summary>
[Category("Kernel")]
[Category("Slow")]
[NonParallelizable]
public sealed class DaemonRestartTests
{
    private static readonly string[] _nodes = ["node1", "node2", "node3"];

    [Test]
    public async Task No_request_fails_through_the_mesh_or_a_virtual_address_while_daemons_are_killed_and_started()
    {
        await using var lab = await LabHarness.SwarmAsync(3, "restart");
        (await lab.OnAsync("node1", "swarm", "network", "create", "-d", "overlay", "demo")).Ok();
        (await lab.OnAsync(
            "node1", "swarm", "service", "create", "--name", "web", "--network", "demo", "--replicas", "3", "-p", "8080:80", "--no-resolve-image",
            "busybox", "sh", "-c", "hostname >/var/www/index.html; exec httpd -f -p 80 -h /var/www")).Ok();
        var network = (await lab.OnAsync("node1", "swarm", "network", "inspect", "--format", "{{.Id}}", "demo")).Ok().Text;
        var vip = (await lab.OnAsync("node1", "swarm", "service", "inspect", "--format", "{{range .Endpoint.VirtualIPs}}{{.NetworkID}}={{.Addr}} {{end}}", "web")).Ok().Text
            .Split(' ').Single(a => a.StartsWith(network, StringComparison.Ordinal)).Split('=', '/')[1];
        (await lab.OnAsync(
            "node1", "swarm", "service", "create", "--name", "client", "--mode", "global", "--network", "demo", "--no-resolve-image",
            "busybox", "sh", "-c", $"while :; do timeout 3 wget -q -O /dev/null http://{vip}/ && echo ok || echo failed $(date); sleep 0.02; done")).Ok();
        foreach (var node in _nodes)
        {
            await lab.AnswerersAsync($"http://10.77.0.1{node[^1]}:8080/", 3);
        }

        var stop = Path.Combine(lab.Folder, "stop");
        var requests = _nodes.Select(node => lab.OnAsync(
            "outside", 180, "sh", "-c",
            $"while ! [ -e {stop} ]; do curl -sS -m 3 -o /dev/null http://10.77.0.1{node[^1]}:8080/ 2>&1 && echo ok || echo {node} failed $(date +%T.%N); done")).ToList();
        foreach (var node in new[] { "node2", "node1", "node3" })
        {
            (await lab.LabAsync(30, "stop", "--kill", node)).Ok();
            (await lab.LabAsync(30, "start", node)).Ok();
            TestContext.Out.WriteLine($"{DateTime.UtcNow:T} {node} is started again");
            await LabHarness.UntilAsync(() => Task.FromResult(Log(lab, node).Contains("all is known again", StringComparison.Ordinal)), $"{node} has resumed", 40);
        }

        await File.WriteAllTextAsync(stop, "");
        var mesh = (await Task.WhenAll(requests)).SelectMany(r => r.Ok().Lines).ToList();
        var inside = new List<string>();
        foreach (var node in _nodes)
        {
            var container = (await lab.OnAsync(node, "swarm", "ps", "-q", "--filter", "name=client")).Ok().Text;
            // The first ones came before the service was known there.
            inside.AddRange((await lab.OnAsync(node, "swarm", "logs", container)).Ok().Lines.SkipWhile(l => l != "ok"));
        }

        TestContext.Out.WriteLine($"{mesh.Count} requests from outside, {inside.Count} to the virtual address");
        Assert.Multiple(() =>
        {
            Assert.That(mesh, Has.Count.GreaterThan(100).And.All.EqualTo("ok"), "through the mesh");
            Assert.That(inside, Has.Count.GreaterThan(500).And.All.EqualTo("ok"), "through the virtual address");
        });
    }

    private static string Log(LabHarness lab, string node)
    {
        using var reader = new StreamReader(new FileStream(Directory.GetFiles(Path.Combine(lab.Folder, node), "daemon.log", SearchOption.AllDirectories)[0], FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
