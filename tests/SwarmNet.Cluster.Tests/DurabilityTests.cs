namespace SwarmNet.Cluster.Tests;

/// <summary>What a manager acknowledged is there after <c>kill -9</c>, also with a torn tail on the log.</summary>
[Category("Kernel")]
[Category("Slow")]
[NonParallelizable]
public sealed class DurabilityTests
{
    [Test]
    public async Task Acknowledged_writes_survive_kill_and_a_torn_tail()
    {
        var seed = TestSeed.Next();
        var random = new Random(seed);
        await using var lab = await LabHarness.SwarmAsync(1, "wal");
        var acknowledged = new List<string>();
        for (var round = 0; round < 3; round++)
        {
            using var stop = new CancellationTokenSource();
            var writer = WriteAsync(lab, $"r{round}", acknowledged, stop.Token);
            await LabHarness.UntilAsync(() => Task.FromResult(Count(acknowledged) > 5 + (20 * round)), "some writes are acknowledged");
            await Task.Delay(random.Next(0, 200));
            (await lab.LabAsync(30, "stop", "--kill", "node1")).Ok();
            await stop.CancelAsync();
            await writer;
            if (round > 0)
            {
                await TearTailAsync(lab, random);
            }

            (await lab.LabAsync(30, "start", "node1")).Ok();
            await LabHarness.UntilAsync(async () => (await lab.OnAsync("node1", "swarm", "node", "ls")).ExitCode == 0, "the manager answers");
            var names = (await lab.OnAsync("node1", "swarm", "config", "ls", "--format", "{{.Name}}")).Ok().Lines;
            Assert.That(acknowledged.Except(names), Is.Empty, "acknowledged and missing");
        }
    }

    private static int Count(List<string> list)
    {
        lock (list)
        {
            return list.Count;
        }
    }

    private static async Task WriteAsync(LabHarness lab, string prefix, List<string> acknowledged, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var name = $"{prefix}-{i}";
            var result = await CommandResult.RunAsync(LabHarness.Binary, ["-H", "unix://" + lab.Socket("node1"), "config", "create", name, "-"], input: "x");
            if (result.ExitCode == 0)
            {
                lock (acknowledged)
                {
                    acknowledged.Add(name);
                }
            }
        }
    }

    /// <summary>
    /// A write that the crash cut short: what the next start of the daemon appends to the log, without its end. All that was acknowledged lies before it.
    /// </summary>
    private static async Task TearTailAsync(LabHarness lab, Random random)
    {
        var log = NewestLog(lab);
        var acknowledgedBytes = log.Length;
        (await lab.LabAsync(30, "start", "node1")).Ok();
        await LabHarness.UntilAsync(() => Task.FromResult(new FileInfo(log.FullName).Length > acknowledgedBytes), "the log grows");
        (await lab.LabAsync(30, "stop", "--kill", "node1")).Ok();
        Assert.That(NewestLog(lab).FullName, Is.EqualTo(log.FullName), "the same segment");
        using var file = new FileStream(log.FullName, FileMode.Open);
        var kept = acknowledgedBytes + random.NextInt64(1, file.Length - acknowledgedBytes);
        TestContext.Out.WriteLine($"{Path.GetFileName(log.FullName)}: {acknowledgedBytes} bytes acknowledged, {file.Length} written, {kept} kept");
        file.SetLength(kept);
    }

    private static FileInfo NewestLog(LabHarness lab) =>
        new DirectoryInfo(Path.Combine(lab.Folder, "node1", "state", "swarm", "raft"))
            .EnumerateFiles("*.log", SearchOption.AllDirectories)
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .Last();
}
