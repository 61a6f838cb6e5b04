using System.Diagnostics;
using System.Globalization;

namespace SwarmNet.Raft.Tests;

[Category("Slow")]
public class CrashTests
{
    private const int Kills = 20;

    [Test, CancelAfter(120_000)]
    public async Task Every_acknowledged_write_survives_kill_9_at_random_points([Values] bool keysChange, CancellationToken cancellationToken)
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        using TempFolder folder = new();
        string? keysFile = keysChange ? folder.Of("keys") : null;
        List<string> acknowledged = [];
        for (int run = 0; run < Kills; run++)
        {
            acknowledged.AddRange(await RunUntilKilledAsync(folder.Of("node"), keysFile, run, lines: random.Next(1, 300), cancellationToken));
            LineMachine machine = new();
            RaftNodeOptions options = new()
            {
                Directory = folder.Of("node"),
                NodeId = 7,
                SnapshotEntries = 40,
                SegmentBytes = 4096,
                DataKeys = !File.Exists(keysFile) ? [] : [.. File.ReadAllLines(keysFile).Select(static key => (ReadOnlyMemory<byte>)Convert.FromHexString(key))],
            };
            await using RaftNode node = await RaftNode.OpenAsync(options, machine, cancellationToken);
            Assert.That(acknowledged.Except(machine.Lines), Is.Empty, $"seed {seed}, run {run}: acknowledged but lost");
            Assert.That(machine.Lines, Is.Unique, $"seed {seed}, run {run}");
        }

        Assert.That(acknowledged, Has.Count.GreaterThan(Kills));
    }

    private static async Task<List<string>> RunUntilKilledAsync(string folder, string? keysFile, int run, int lines, CancellationToken cancellationToken)
    {
        string program = Path.Combine(TestContext.CurrentContext.TestDirectory, "SwarmNet.Raft.CrashWriter.dll");
        ProcessStartInfo start = new("dotnet", ["exec", program, folder, run.ToString(CultureInfo.InvariantCulture), .. keysFile is null ? (string[])[] : [keysFile]]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        List<string> acknowledged = [];
        try
        {
            while (acknowledged.Count < lines && await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                acknowledged.Add(line);
            }
        }
        finally
        {
            process.Kill();
        }

        // What was written before the kill was acknowledged too; a last line without its end was not written whole.
        string rest = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        string[] more = rest.Split('\n');
        acknowledged.AddRange(more[..^1]);
        await process.WaitForExitAsync(cancellationToken);
        Assert.That(acknowledged, Has.Count.GreaterThanOrEqualTo(lines), "the writer ended before it was killed");
        return acknowledged;
    }
}
