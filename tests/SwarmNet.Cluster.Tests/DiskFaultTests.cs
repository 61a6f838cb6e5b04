namespace SwarmNet.Cluster.Tests;

/// <summary>
/// Disks of managers that are full, or refuse writes, while clients write through all managers: the others go on, everything can be read
/// everywhere, and when the disk is well again so is the manager, without a restart of anything.
/// </summary>
[Category("Kernel")]
[Category("Slow")]
[NonParallelizable]
public sealed class DiskFaultTests
{
    private static readonly string[] _managers = ["node1", "node2", "node3"];

    [Test]
    public async Task A_manager_whose_disk_is_full_or_cannot_be_written_comes_back_by_itself_and_nothing_acknowledged_is_lost()
    {
        var seed = TestSeed.Next();
        var random = new Random(seed);
        await using var lab = await LabHarness.UpAsync(3, "disk");
        foreach (var manager in _managers)
        {
            // In the host's own mount namespace, so it goes with the host. A log file takes 16 MiB at once; each fault makes each log begin one more.
            (await lab.OnAsync(manager, "sh", "-c", $"mkdir -p {State(lab, manager)} && mount -t tmpfs -o size=96m,mode=700 swarm {State(lab, manager)}")).Ok();
        }

        await lab.InitAsync(3, managers: 3);
        (await lab.SwarmAsync("node1", 120, "service", "create", "--name", "stays", "--mode", "global", "--no-resolve-image", "busybox", "sleep", "1d")).Ok();
        var running = await RunningAsync(lab);
        using var client = new FaultClient(_managers.Select(lab.Socket));
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 2).Select(i => client.RunAsync($"{i}", seed + i, stop.Token)).ToList();
        try
        {
            var plan = new[] { (true, true), (true, false), (false, true), (false, false) };
            random.Shuffle(plan);
            foreach (var (fill, ofLeader) in plan)
            {
                var leader = await lab.LeaderAsync(_managers);
                var victim = ofLeader ? leader : random.GetItems(_managers.Where(manager => manager != leader).ToArray(), 1)[0];
                TestContext.Out.WriteLine($"{DateTime.UtcNow:T} {(fill ? "full" : "read-only")}: {victim}{(ofLeader ? ", the leader" : "")}, after {client.Acknowledged.Count} writes");
                await (fill ? FillAsync(lab, client, victim, ofLeader) : ProtectAsync(lab, client, victim));
                var before = _managers.Select((_, number) => client.CountBy(number)).ToArray();
                await LabHarness.UntilAsync(() => Task.FromResult(_managers.Index().All(manager => client.CountBy(manager.Index) >= before[manager.Index] + 5)), "all take writes again");
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(writers);
        }

        TestContext.Out.WriteLine($"{client.Acknowledged.Count} writes acknowledged");
        Assert.That(client.Violations, Is.Empty);
        Assert.That(await RunningAsync(lab), Is.EqualTo(running), "containers have nothing to do with it");
        await SameEverywhereAsync(client);
    }

    /// <summary>Leaves no byte on a manager's disk, and writes until its log needs more.</summary>
    private static async Task FillAsync(LabHarness lab, FaultClient client, string victim, bool ofLeader)
    {
        var filler = Path.Combine(State(lab, victim), "filler");
        await lab.OnAsync(victim, "sh", "-c", $"cat /dev/zero >{filler}");
        Assert.That((await lab.OnAsync(victim, "df", "--output=avail", State(lab, victim))).Ok().Lines[^1].Trim(), Is.EqualTo("0"));
        var refusals = new List<string>();
        var writes = 0;
        await LabHarness.UntilAsync(
            async () =>
            {
                writes++;
                refusals.AddRange(await client.WriteLargeAsync());
                return (await ProblemAsync(lab, victim)).Contains(" is full, so nothing can be written", StringComparison.Ordinal);
            },
            $"{victim} says that its disk is full",
            everyMs: 0);
        await OthersGoOnAsync(lab, client, victim, throughVictim: true);
        if (ofLeader)
        {
            Assert.That(await lab.LeaderAsync(_managers), Is.Not.EqualTo(victim), "who cannot write does not lead");
        }

        TestContext.Out.WriteLine($"  {writes} large writes, refused with: {string.Join(" | ", refusals.Distinct())}");
        (await lab.OnAsync(victim, "rm", filler)).Ok();
        await LabHarness.UntilAsync(async () => await ProblemAsync(lab, victim) == "", $"{victim} has nothing to complain of");
    }

    /// <summary>
    /// Makes a manager's log read-only as far as that is possible while it is open (the kernel refuses to remount what is being written): what is
    /// in the open file can be added to, and a new file cannot be made. That fails the log, and keeps it from being opened again.
    /// </summary>
    private static async Task ProtectAsync(LabHarness lab, FaultClient client, string victim)
    {
        var raft = Path.Combine(State(lab, victim), "raft");
        (await lab.OnAsync(victim, "sh", "-c", $"mount --bind {raft} {raft} && mount -o remount,bind,ro {raft}")).Ok();
        await LabHarness.UntilAsync(
            async () =>
            {
                await client.WriteLargeAsync();
                return (await ProblemAsync(lab, victim)).Contains("and is opened again: ", StringComparison.Ordinal);
            },
            $"the manager of {victim} fails",
            everyMs: 0);
        await OthersGoOnAsync(lab, client, victim, throughVictim: false);

        // It has tried, in vain.
        await LabHarness.UntilAsync(async () => (await ProblemAsync(lab, victim)).Contains("cannot be written: Read-only file system", StringComparison.Ordinal), $"{victim} says why");
        (await lab.OnAsync(victim, "umount", raft)).Ok();
        await LabHarness.UntilAsync(async () => await ProblemAsync(lab, victim) == "", $"{victim} is a manager again");
    }

    private static async Task OthersGoOnAsync(LabHarness lab, FaultClient client, string victim, bool throughVictim)
    {
        var who = _managers.Where(manager => throughVictim || manager != victim).Select(manager => Array.IndexOf(_managers, manager)).ToList();
        var before = who.ToDictionary(number => number, client.CountBy);
        await LabHarness.UntilAsync(() => Task.FromResult(who.TrueForAll(number => client.CountBy(number) >= before[number] + 10)), $"writes are taken while the disk of {victim} is not well");
        var last = client.Acknowledged[^1];
        foreach (var number in who)
        {
            Assert.That(await client.ReadAsync(number, $"/{last[..last.IndexOf('-', StringComparison.Ordinal)]}s/{last}"), Does.Contain(last), $"read at {_managers[number]} while the disk of {victim} is not well");
        }
    }

    private static async Task SameEverywhereAsync(FaultClient client)
    {
        foreach (var path in new[] { "/configs", "/services", "/networks?filters=%7B%22scope%22%3A%5B%22swarm%22%5D%7D" })
        {
            var first = await client.ReadAsync(0, path);
            Assert.That(first, Is.Not.Empty, path);
            Assert.That((await client.ReadAsync(1, path), await client.ReadAsync(2, path)), Is.EqualTo((first, first)), path);
        }

        var names = await client.ReadAsync(0, "/configs") + await client.ReadAsync(0, "/services");
        Assert.That(client.Acknowledged.Where(name => !names.Contains($"\"{name}\"", StringComparison.Ordinal)), Is.Empty, "acknowledged, and missing");
    }

    private static string State(LabHarness lab, string node) => Path.Combine(lab.Folder, node, "state", "swarm");

    private static async Task<string> ProblemAsync(LabHarness lab, string node) => (await lab.SwarmAsync(node, "info", "--format", "{{.Swarm.Error}}")).Ok().Text;

    private static async Task<string> RunningAsync(LabHarness lab)
    {
        var ids = new List<string>();
        foreach (var manager in _managers)
        {
            ids.Add((await lab.SwarmAsync(manager, "ps", "--filter", "name=stays", "--format", "{{.ID}} {{.CreatedAt}}")).Ok().Text);
        }

        return string.Join('\n', ids);
    }
}
