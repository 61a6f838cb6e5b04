namespace SwarmNet.Cluster.Tests;

/// <summary>Real faults of managers while clients write: what was acknowledged stays, and the swarm goes on as long as a majority can.</summary>
[Category("Kernel")]
[Category("Slow")]
[NonParallelizable]
public sealed class ManagerFaultTests
{
    private static readonly string[] _managers = ["node1", "node2", "node3"];

    private enum Fault
    {
        Kill,
        Stop,
        Cut,
    }

    [Test]
    public async Task No_acknowledged_write_is_lost_while_managers_are_killed_stopped_and_cut_off()
    {
        var seed = TestSeed.Next();
        var random = new Random(seed);
        await using var lab = await LabHarness.SwarmAsync(3, "faults", managers: 3);
        using var client = new FaultClient(_managers.Select(lab.Socket));
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 3).Select(i => client.RunAsync($"{i}", seed + i, stop.Token)).ToList();
        try
        {
            // Each fault hits the leader once and a follower once.
            var plan = Enum.GetValues<Fault>().SelectMany(fault => new[] { (fault, OfLeader: true), (fault, OfLeader: false) }).ToArray();
            random.Shuffle(plan);
            foreach (var (fault, ofLeader) in plan)
            {
                await PlayAsync(lab, client, fault, ofLeader, random);
            }

            await AllAtOnceAsync(lab, client);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(writers);
        }

        TestContext.Out.WriteLine($"{client.Acknowledged.Count} writes acknowledged");
        Assert.That(client.Violations, Is.Empty);
        await HealthyAsync(lab);
        foreach (var manager in _managers)
        {
            var there = (await lab.SwarmAsync(manager, "config", "ls", "--format", "{{.Name}}")).Ok().Lines
                .Concat((await lab.SwarmAsync(manager, "service", "ls", "--format", "{{.Name}}")).Ok().Lines);
            Assert.That(client.Acknowledged.Except(there), Is.Empty, $"acknowledged, and missing on {manager}");
        }

        (await lab.SwarmAsync("node2", 120, "service", "create", "--name", "after", "--replicas", "3", "--no-resolve-image", "busybox", "sleep", "1d")).Ok();
        await lab.ReplicasAsync("after", "3/3", manager: "node3");
    }

    private static async Task PlayAsync(LabHarness lab, FaultClient client, Fault fault, bool ofLeader, Random random)
    {
        var leader = await lab.LeaderAsync(_managers);
        var victim = ofLeader ? leader : random.GetItems(_managers.Where(manager => manager != leader).ToArray(), 1)[0];
        var before = client.Acknowledged.Count;
        TestContext.Out.WriteLine($"{DateTime.UtcNow:T} {fault} {victim}{(ofLeader ? ", the leader" : "")}, after {before} writes");
        await (fault switch
        {
            Fault.Kill => lab.KillAsync(victim),
            Fault.Stop => lab.SignalAsync(victim, "STOP"),
            _ => lab.CutAsync(victim),
        });

        // Some answers may have been on their way already; twenty were not.
        await LabHarness.UntilAsync(() => Task.FromResult(client.Acknowledged.Count >= before + 20), $"the others take writes without {victim}");
        await Task.Delay(random.Next(0, 3000));
        await (fault switch
        {
            Fault.Kill => lab.StartAsync(victim),
            Fault.Stop => lab.SignalAsync(victim, "CONT"),
            _ => lab.MendAsync(victim),
        });
        var number = Array.IndexOf(_managers, victim);
        var byVictim = client.CountBy(number);
        await LabHarness.UntilAsync(() => Task.FromResult(client.CountBy(number) >= byVictim + 5), $"{victim} takes writes again");
    }

    private static async Task AllAtOnceAsync(LabHarness lab, FaultClient client)
    {
        TestContext.Out.WriteLine($"{DateTime.UtcNow:T} Kill all, after {client.Acknowledged.Count} writes");
        foreach (var manager in _managers)
        {
            await lab.KillAsync(manager);
        }

        var before = client.Acknowledged.Count;
        foreach (var manager in _managers)
        {
            await lab.StartAsync(manager);
        }

        await LabHarness.UntilAsync(() => Task.FromResult(client.Acknowledged.Count >= before + 20), "writes are taken again");
    }

    private static Task HealthyAsync(LabHarness lab) => LabHarness.UntilAsync(
        async () =>
        {
            var nodes = await lab.NodesAsync("node1");
            return nodes.Count(line => line.EndsWith(" Ready Leader", StringComparison.Ordinal)) == 1
                && nodes.Count(line => line.EndsWith(" Ready Reachable", StringComparison.Ordinal)) == 2;
        },
        "all managers are ready and reachable");
}
