using System.Text.RegularExpressions;

namespace SwarmNet.Cluster.Tests;

/// <summary>A swarm of hosts that have IPv6 addresses only, and tasks with addresses of both families.</summary>
[Category("Kernel")]
[Category("Slow")]
[NonParallelizable]
public sealed class Ipv6Tests
{
    private const string Server =
        "mkdir -p /var/www/cgi-bin; hostname >/var/www/index.html; printf '#!/bin/sh\\necho; echo $REMOTE_ADDR\\n' >/var/www/cgi-bin/client; chmod +x /var/www/cgi-bin/client; exec httpd -f -p 80 -h /var/www";

    [Test]
    public async Task Hosts_tunnels_names_and_services_work_over_ipv6()
    {
        await using var lab = await LabHarness.UpAsync(2, "ipv6");
        foreach (var n in new[] { 1, 2 })
        {
            (await lab.OnAsync($"node{n}", "ip", "-4", "addr", "flush", "dev", "eth0")).Ok();
        }

        await lab.InitAsync(2, manager: "fd77::11");
        (await lab.OnAsync("node1", "swarm", "network", "create", "-d", "overlay", "--ipv6", "--subnet", "fd00:5::/64", "dual")).Ok();
        Assert.That(
            (await lab.OnAsync("node1", "swarm", "network", "inspect", "--format", "{{.EnableIPv6}} {{range .IPAM.Config}}{{.Subnet}} {{.Gateway}} {{end}}", "dual")).Ok().Text.Trim(),
            Is.EqualTo("true 10.0.1.0/24 10.0.1.1 fd00:5::/64 fd00:5::1"));
        foreach (var service in new[] { "web", "client" })
        {
            string[] command = service == "web" ? ["-p", "8080:80", "busybox", "sh", "-c", Server] : ["busybox", "sleep", "100000"];
            (await lab.OnAsync("node1", ["swarm", "service", "create", "--name", service, "--network", "dual", "--mode", "global", "--no-resolve-image", "-d", .. command])).Ok();
            await lab.ReplicasAsync(service, "2/2");
        }

        var vip = (await lab.OnAsync("node1", "swarm", "service", "inspect", "--format", "{{range .Endpoint.VirtualIPs}}{{.Addr}} {{end}}", "web")).Ok().Text.Split(' ')
            .Single(address => address.StartsWith("fd00:5::", StringComparison.Ordinal)).Split('/')[0];
        foreach (var node in new[] { "node1", "node2" })
        {
            var task = (await lab.OnAsync(node, "swarm", "ps", "--format", "{{.ID}} {{.Names}}")).Ok().Lines.Single(line => line.Contains(" client.", StringComparison.Ordinal)).Split(' ')[0];
            var own = Addresses((await InTaskAsync("ip -6 addr show dev eth0 scope global")).Ok().Text).Single();

            await LabHarness.UntilAsync(async () => Addresses((await InTaskAsync("nslookup tasks.web")).Text).Length == 2, $"a client on {node} knows both tasks");
            Assert.That(Addresses((await InTaskAsync("nslookup web")).Text), Is.EqualTo(new[] { vip }));
            var tasks = Addresses((await InTaskAsync("nslookup tasks.web")).Text);
            Assert.That((await InTaskAsync($"nslookup {tasks[0]}")).Text, Does.Match("name = web\\."));

            // Both tasks answer, one here and one behind the tunnel, and see the client itself.
            IReadOnlyList<string> hosts = [];
            await LabHarness.UntilAsync(async () => (hosts = await AskAsync(vip, "/", 4)).Count == 4 && hosts.Distinct().Count() == 2, $"both answer a client on {node} at {vip}");
            Assert.That(await AskAsync(vip, "/cgi-bin/client", 4), Is.All.EqualTo($"[{own}]"));
            Assert.That(await AskAsync("10.0.1.2", "/", 4), Is.EquivalentTo(hosts), "IPv4 inside, over tunnels of IPv6");

            Task<CommandResult> InTaskAsync(string command) => lab.OnAsync(node, "swarm", "exec", task, "sh", "-c", command);

            async Task<IReadOnlyList<string>> AskAsync(string address, string path, int times) =>
                (await InTaskAsync($"for i in $(seq {times}); do printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' | nc -w 5 {address} 80 | tail -n 1; done")).Lines;
        }

        foreach (var address in new[] { "fd77::11", "fd77::12" })
        {
            // The mesh hears of the tasks by a network of its own, sooner or later than what was asked before.
            await LabHarness.UntilAsync(
                async () => (await lab.OnAsync("outside", "curl", "-sS", "-m", "5", $"http://[{address}]:8080/", $"http://[{address}]:8080/")).Lines.Distinct().Count() == 2,
                $"both tasks answer on the published port of {address}");
        }

        Assert.That((await lab.OnAsync("node1", "swarm", "network", "doctor", "-q")).Ok().Text, Is.Empty, "what was made is what is wanted");
        (await lab.OnAsync("node1", "swarm", "service", "rm", "web", "client")).Ok();
        await LabHarness.UntilAsync(async () => (await lab.OnAsync("node1", "swarm", "network", "rm", "dual")).ExitCode == 0, "the network is free");
    }

    private static string[] Addresses(string text) => [.. Regex.Matches(text, "fd00:5::[0-9a-f]+").Select(match => match.Value).Distinct()];
}
