namespace SwarmNet.Cluster.Tests;

/// <summary>All managers of a swarm are lost; it comes back from a backup on a host that was never in it, under another address.</summary>
[Category("Kernel")]
[Category("Slow")]
[NonParallelizable]
public sealed class RestoreTests
{
    [Test]
    public async Task A_swarm_whose_managers_are_all_lost_comes_back_from_a_backup_on_another_host([Values] bool locked)
    {
        await using var lab = await LabHarness.UpAsync(3, "restore");
        await lab.InitAsync(1, init: locked ? ["--autolock"] : []);
        var token = (await lab.OnAsync("node1", "swarm", "join-token", "-q", "manager")).Ok().Text;
        (await lab.OnAsync("node2", "swarm", "join", "--token", token, "10.77.0.11:2377")).Ok();
        foreach (var node in new[] { "node2", "node3" })
        {
            (await lab.OnAsync(node, "swarm", "image", "import", "--change", "CMD [\"sh\"]", await LabHarness.ImageAsync(), "busybox:latest")).Ok();
        }

        (await lab.OnAsync("node1", "swarm", "network", "create", "-d", "overlay", "demo")).Ok();
        (await lab.OnAsync(
            "node1", "swarm", "service", "create", "--name", "web", "--network", "demo", "--replicas", "2", "-p", "8080:80", "--no-resolve-image",
            "busybox", "sh", "-c", "hostname >/var/www/index.html; exec httpd -f -p 80 -h /var/www")).Ok();
        var service = (await lab.OnAsync("node1", "swarm", "service", "inspect", "--format", "{{.ID}} {{.Version.Index}}", "web")).Ok().Text.Split(' ');
        var key = locked ? (await lab.OnAsync("node1", "swarm", "unlock-key", "-q")).Ok().Text : "";

        // Any manager makes it, also the one that does not lead.
        var backup = Path.Combine(lab.Folder, "swarm.backup");
        var made = (await lab.OnAsync("node2", "swarm", "backup", backup)).Ok();
        Assert.That(made.Output, Does.Contain(locked ? "sealed with the swarm's unlock key" : "key of its CA"));
        Assert.That(File.GetUnixFileMode(backup), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        var maker = (await lab.OnAsync("node2", "swarm", "info", "--format", "{{.Swarm.NodeID}}")).Ok().Text;

        await RefusedAsync(lab, "node3", backup, key, "still answers at 10.77.0.1");
        await RefusedAsync(lab, "node2", backup, key, "already part of a swarm");
        foreach (var node in new[] { "node1", "node2" })
        {
            (await lab.LabAsync(30, "stop", "--kill", node)).Ok();
        }

        var whole = await File.ReadAllBytesAsync(backup);
        var broken = backup + ".broken";
        await File.WriteAllBytesAsync(broken, whole[..^7]);
        await RefusedAsync(lab, "node3", broken, key, "cut short");
        whole[whole.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(broken, whole);
        await RefusedAsync(lab, "node3", broken, key, "damaged");
        if (locked)
        {
            await RefusedAsync(lab, "node3", backup, "", "sealed");
            await RefusedAsync(lab, "node3", backup, "SWMKEY-1-" + new string('A', 43), "does not open this backup");
        }

        var restored = (await RestoreAsync(lab, "node3", backup, key)).Ok();
        Assert.That(restored.Output, Does.Contain($"Swarm restored: current node ({maker}) is now its only manager."));
        var nodes = (await lab.OnAsync("node3", "swarm", "node", "ls", "--format", "{{.ID}} {{.ManagerStatus}}")).Ok().Lines;
        Assert.That(nodes.Select(line => line.Trim()), Has.Exactly(2).Items.And.One.EqualTo($"{maker} Leader").And.None.Contain("Reachable"));
        Assert.That((await lab.OnAsync("node3", "swarm", "node", "inspect", "--format", "{{.ManagerStatus.Addr}}", "self")).Ok().Text, Is.EqualTo("10.77.0.13:2377"));

        await lab.ReplicasAsync("web", "2/2", 90, manager: "node3");
        await lab.AnswerersAsync("http://10.77.0.13:8080/", 2);

        // Versions go on, tokens and CA stay, so others join as they would have.
        (await lab.OnAsync("node3", "swarm", "service", "update", "--replicas", "3", "--no-resolve-image", "--detach", "web")).Ok();
        var after = (await lab.OnAsync("node3", "swarm", "service", "inspect", "--format", "{{.ID}} {{.Version.Index}}", "web")).Ok().Text.Split(' ');
        Assert.That(after[0], Is.EqualTo(service[0]));
        Assert.That(ulong.Parse(after[1]), Is.GreaterThan(ulong.Parse(service[1])));
        Assert.That((await lab.OnAsync("node3", "swarm", "join-token", "-q", "manager")).Ok().Text, Is.EqualTo(token));
        (await lab.LabAsync(30, "stop", "node3")).Ok();
        (await lab.LabAsync(30, "start", "node3")).Ok();
        if (locked)
        {
            (await CommandResult.RunAsync(LabHarness.Binary, ["-H", "unix://" + lab.Socket("node3"), "unlock"], input: key + "\n")).Ok();
        }

        await lab.ReplicasAsync("web", "3/3", 90, manager: "node3");
    }

    private static Task<CommandResult> RestoreAsync(LabHarness lab, string node, string backup, string key) => CommandResult.RunAsync(
        LabHarness.Binary, ["-H", "unix://" + lab.Socket(node), "restore", "--advertise-addr", $"10.77.0.1{node[^1]}", backup], input: key + "\n");

    private static async Task RefusedAsync(LabHarness lab, string node, string backup, string key, string why)
    {
        var swarm = Path.Combine(lab.Folder, node, "state", "swarm");
        var before = Files(swarm);
        var result = await RestoreAsync(lab, node, backup, key);
        Assert.That(result.ExitCode, Is.EqualTo(1), result.Output);
        Assert.That(result.Error, Does.StartWith("Error response from daemon: ").And.Contain(why));
        if (node == "node3")
        {
            Assert.That(Files(swarm), Is.EqualTo(before).And.Empty, "nothing is left behind");
            Assert.That((await lab.OnAsync(node, "swarm", "info", "--format", "{{.Swarm.LocalNodeState}}")).Ok().Text, Is.EqualTo("inactive"));
        }
    }

    private static string[] Files(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [];
}
