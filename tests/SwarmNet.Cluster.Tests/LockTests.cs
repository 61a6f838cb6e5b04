using System.Text;

namespace SwarmNet.Cluster.Tests;

/// <summary>Autolock: what a manager keeps on disk opens with the swarm's unlock key only; the stock CLI does what it does with a stock engine.</summary>
[Category("Kernel")]
[Category("Slow")]
[NonParallelizable]
public sealed class LockTests
{
    private const string Locked = "Swarm is encrypted and needs to be unlocked before it can be used. Please use \"docker swarm unlock\" to unlock it.";

    [Test]
    public async Task A_locked_manager_waits_for_its_key_after_a_restart()
    {
        await using var lab = await LabHarness.UpAsync(1, "lock");
        var init = (await lab.OnAsync("node1", "swarm", "init", "--advertise-addr", "10.77.0.11", "--autolock")).Ok();
        var key = (await lab.OnAsync("node1", "swarm", "unlock-key", "-q")).Ok().Text;
        Assert.That(key, Does.Match("^SWMKEY-1-[A-Za-z0-9+/]{43}$"));
        Assert.That(init.Output, Does.Contain($"and provide the following key:\n\n    {key}\n"));
        (await CommandResult.RunAsync(LabHarness.Binary, ["-H", "unix://" + lab.Socket("node1"), "secret", "create", "word", "-"], input: "hush-hush-hush")).Ok();
        await RestartAsync(lab);

        Assert.That((await lab.DockerAsync("node1", "info", "--format", "{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}")).Text, Does.Contain("locked false"));
        var refused = await lab.DockerAsync("node1", "node", "ls");
        Assert.That((refused.ExitCode, refused.Error), Is.EqualTo((1, $"Error response from daemon: {Locked}\n")));
        AssertUnreadable(lab, "hush-hush-hush", "BEGIN PRIVATE KEY");

        var other = "SWMKEY-1-" + new string('A', 43);
        refused = await UnlockAsync(lab, other);
        Assert.That((refused.ExitCode, refused.Error), Is.EqualTo((1, "Error response from daemon: swarm could not be unlocked: invalid key provided\n")));
        refused = await UnlockAsync(lab, "frob");
        Assert.That((refused.ExitCode, refused.Error), Is.EqualTo((1, "Error response from daemon: invalid key string\n")));
        refused = await lab.OnAsync("node1", "swarm", "leave");
        Assert.That(refused.Error, Does.Contain("Swarm is encrypted and locked."));
        refused = await lab.OnAsync("node1", "swarm", "init", "--advertise-addr", "10.77.0.11");
        Assert.That(refused.Error, Does.Contain("already part of a swarm"));

        (await UnlockAsync(lab, key)).Ok();
        Assert.That((await lab.DockerAsync("node1", "secret", "ls", "--format", "{{.Name}}")).Ok().Text, Is.EqualTo("word"));
        refused = await UnlockAsync(lab, key);
        Assert.That((refused.ExitCode, refused.Error), Is.EqualTo((1, "Error: swarm is not locked\n")));

        // A new key counts from the next start on; the old one is worth nothing then.
        var before = File.ReadAllBytes(KeyFile(lab));
        var rotated = (await lab.DockerAsync("node1", "swarm", "unlock-key", "--rotate", "-q")).Ok().Text;
        Assert.That(rotated, Is.Not.EqualTo(key));
        await LabHarness.UntilAsync(() => Task.FromResult(!File.ReadAllBytes(KeyFile(lab)).AsSpan().SequenceEqual(before)), "the keys are sealed again");
        await RestartAsync(lab);
        Assert.That((await UnlockAsync(lab, key)).ExitCode, Is.EqualTo(1));
        (await UnlockAsync(lab, rotated)).Ok();

        // Unlocked for good: it starts by itself.
        (await lab.DockerAsync("node1", "swarm", "update", "--autolock=false")).Ok();
        await LabHarness.UntilAsync(() => Task.FromResult(!IsSealed(lab)), "the keys are in the clear");
        await RestartAsync(lab);
        Assert.That((await lab.OnAsync("node1", "swarm", "secret", "ls", "--format", "{{.Name}}")).Ok().Text, Is.EqualTo("word"));

        // Locked again while it runs: also what was written before is unreadable.
        (await lab.OnAsync("node1", "swarm", "update", "--autolock=true")).Ok();
        key = (await lab.OnAsync("node1", "swarm", "unlock-key", "-q")).Ok().Text;
        await LabHarness.UntilAsync(() => Task.FromResult(IsSealed(lab)), "the keys are sealed");
        (await lab.LabAsync(30, "stop", "--kill", "node1")).Ok();
        (await lab.LabAsync(30, "start", "node1")).Ok();
        AssertUnreadable(lab, "hush-hush-hush", "BEGIN PRIVATE KEY");
        (await UnlockAsync(lab, key)).Ok();
        Assert.That((await lab.OnAsync("node1", "swarm", "secret", "ls", "--format", "{{.Name}}")).Ok().Text, Is.EqualTo("word"));

        // What runs on a locked node goes on; with the swarm it goes.
        await lab.ImportAsync("node1");
        (await lab.OnAsync("node1", "swarm", "service", "create", "--name", "web", "--publish", "8080:80", "--stop-grace-period", "1s", "--no-resolve-image", "busybox", "sleep", "1d")).Ok();
        var container = (await lab.OnAsync("node1", "swarm", "ps", "-q")).Ok().Text;
        var process = (await lab.DockerAsync("node1", "inspect", "--format", "{{.State.Pid}}", container)).Ok().Text;
        await RestartAsync(lab);
        (await lab.OnAsync("node1", "kill", "-0", process)).Ok();
        Assert.That((await lab.OnAsync("node1", "nft", "list", "tables")).Ok().Lines, Is.Not.Empty);
        (await lab.OnAsync("node1", "swarm", "leave", "--force")).Ok();
        Assert.That((await lab.OnAsync("node1", "kill", "-0", process)).ExitCode, Is.EqualTo(1));
        Assert.That((await lab.OnAsync("node1", "nft", "list", "tables")).Ok().Lines, Is.Empty);
        Assert.That((await lab.OnAsync("node1", "ip", "-br", "link")).Ok().Lines, Has.Length.EqualTo(2), "lo and eth0");
        (await lab.OnAsync("node1", "swarm", "init", "--advertise-addr", "10.77.0.11")).Ok();
    }

    [Test]
    public async Task Every_manager_locks_itself_hears_of_a_new_key_after_it_was_away_and_opens_when_it_is_demoted()
    {
        await using var lab = await LabHarness.UpAsync(3, "locks");
        (await lab.OnAsync("node1", "swarm", "init", "--advertise-addr", "10.77.0.11")).Ok();
        var token = (await lab.OnAsync("node1", "swarm", "join-token", "-q", "manager")).Ok().Text;
        foreach (var node in new[] { "node2", "node3" })
        {
            (await lab.OnAsync(node, "swarm", "join", "--token", token, "10.77.0.11:2377")).Ok();
        }

        var openBytes = new FileInfo(KeyFile(lab, "node3")).Length;

        // Asked of a manager that does not lead.
        (await lab.OnAsync("node2", "swarm", "update", "--autolock=true")).Ok();
        var first = (await lab.OnAsync("node1", "swarm", "unlock-key", "-q")).Ok().Text;
        foreach (var node in new[] { "node1", "node2", "node3" })
        {
            await LabHarness.UntilAsync(() => Task.FromResult(IsSealed(lab, node)), $"the keys of {node} are sealed");
        }

        // It has locked itself to the end when only the new data key is left.
        await LabHarness.UntilAsync(
            () => Task.FromResult(new FileInfo(KeyFile(lab, "node3")).Length == openBytes + Ca.SealedBox.OverheadBytes), "node3 has only the new data key");

        // Away while the key changes: its own file opens with the old key, and is sealed with the new one once it is back.
        (await lab.LabAsync(30, "stop", "node3")).Ok();
        var second = (await lab.OnAsync("node1", "swarm", "unlock-key", "--rotate", "-q")).Ok().Text;
        (await lab.LabAsync(30, "start", "node3")).Ok();
        Assert.That((await UnlockAsync(lab, second, "node3")).ExitCode, Is.EqualTo(1));
        var before = File.ReadAllBytes(KeyFile(lab, "node3"));
        (await UnlockAsync(lab, first, "node3")).Ok();
        await LabHarness.UntilAsync(() => Task.FromResult(!File.ReadAllBytes(KeyFile(lab, "node3")).AsSpan().SequenceEqual(before)), "node3 has the new key");
        (await lab.LabAsync(30, "stop", "--kill", "node3")).Ok();
        (await lab.LabAsync(30, "start", "node3")).Ok();
        (await UnlockAsync(lab, second, "node3")).Ok();

        (await lab.OnAsync("node1", "swarm", "node", "demote", "node3")).Ok();
        await LabHarness.UntilAsync(() => Task.FromResult(!File.Exists(KeyFile(lab, "node3")) && !IsSealed(lab, "node3")), "node3 keeps no manager's keys", 90);
        (await lab.LabAsync(30, "stop", "node3")).Ok();
        (await lab.LabAsync(30, "start", "node3")).Ok();
        await LabHarness.UntilAsync(
            async () => (await lab.OnAsync("node1", "swarm", "node", "ls", "--filter", "name=node3", "--format", "{{.Status}}")).Text == "Ready", "node3 is back as a worker");
        await LoseTheOtherAndBeginAnewAsync(lab, first, second);
    }

    /// <summary>The survivor is locked like any other; it begins anew only when it has been unlocked, and stays locked with the same key.</summary>
    private static async Task LoseTheOtherAndBeginAnewAsync(LabHarness lab, string oldKey, string key)
    {
        await lab.KillAsync("node2");
        await lab.KillAsync("node1");
        await lab.StartAsync("node1");
        var refused = await lab.SwarmAsync("node1", "init", "--force-new-cluster");
        Assert.That((refused.ExitCode, refused.Error), Is.EqualTo((1, $"Error response from daemon: {Locked}\n")));
        Assert.That((await lab.SwarmAsync("node1", "info", "--format", "{{.Swarm.LocalNodeState}}")).Ok().Text, Is.EqualTo("locked"));
        (await UnlockAsync(lab, key)).Ok();
        Assert.That((await lab.SwarmAsync("node1", "init", "--force-new-cluster")).Ok().Output, Does.Contain("Swarm initialized: current node ("));
        await AloneAsync();
        Assert.That(IsSealed(lab), Is.True);
        Assert.That((await lab.SwarmAsync("node1", "unlock-key", "-q")).Ok().Text, Is.EqualTo(key));

        await RestartAsync(lab);
        refused = await lab.SwarmAsync("node1", "node", "ls");
        Assert.That((refused.ExitCode, refused.Error), Is.EqualTo((1, $"Error response from daemon: {Locked}\n")));
        Assert.That((await UnlockAsync(lab, oldKey)).ExitCode, Is.EqualTo(1));
        (await UnlockAsync(lab, key)).Ok();
        await AloneAsync();

        Task AloneAsync() => LabHarness.UntilAsync(
            async () => await lab.NodesAsync("node1") is [var own, var second, var third] && own == "node1 Ready Leader" && second.StartsWith("node2 ", StringComparison.Ordinal)
                && !second.EndsWith("able", StringComparison.Ordinal) && third == "node3 Ready",
            "node1 is the only manager, and the worker is back");
    }

    private static string State(LabHarness lab, string node = "node1") => Path.Combine(lab.Folder, node, "state", "swarm");

    private static string KeyFile(LabHarness lab, string node = "node1") => Path.Combine(State(lab, node), "keys");

    private static bool IsSealed(LabHarness lab, string node = "node1") =>
        !File.ReadAllText(Path.Combine(State(lab, node), "certificates", "swarm-node.key")).Contains("BEGIN PRIVATE KEY", StringComparison.Ordinal);

    private static async Task RestartAsync(LabHarness lab)
    {
        (await lab.LabAsync(30, "stop", "node1")).Ok();
        (await lab.LabAsync(30, "start", "node1")).Ok();
    }

    private static Task<CommandResult> UnlockAsync(LabHarness lab, string key, string node = "node1") =>
        CommandResult.RunAsync("docker", ["-H", "unix://" + lab.Socket(node), "swarm", "unlock"], 60, input: key + "\n");

    private static void AssertUnreadable(LabHarness lab, params string[] secrets)
    {
        foreach (var file in Directory.GetFiles(State(lab), "*", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(file);
            foreach (var secret in secrets)
            {
                Assert.That(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)), Is.EqualTo(-1), $"\"{secret}\" in {file}");
            }
        }
    }
}
