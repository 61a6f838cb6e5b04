using SwarmNet.Perf;
using SwarmNet.Perf.Raft;

// member ...: one of our processes. Otherwise words choose measurements: writes, latency, failover; without any, all.
if (args is ["member", ..])
{
    await Member.RunAsync(args[1..]);
    return;
}

const int Rounds = 3;
TimeSpan roundTime = TimeSpan.FromSeconds(3);
int trials = int.Parse(Environment.GetEnvironmentVariable("FAILOVERS") ?? "100");
string folder = Directory.CreateTempSubdirectory("swarmnet-perf-raft-").FullName;
using Cluster ours = new OurCluster(Path.Combine(folder, "ours"));
using Cluster peer = new EtcdCluster(Path.Combine(folder, "etcd"));
for (int member = 0; member < 3; member++)
{
    ours.Start(member);
    peer.Start(member);
}

List<Row> rows = [];
try
{
    await MeasureAsync();
}
catch (Exception exception)
{
    // The processes must not outlive a measurement that failed.
    Console.Error.WriteLine(exception);
    Environment.ExitCode = 1;
}

Console.WriteLine(Row.Heading(ours.Name, peer.Name));
rows.ForEach(Console.WriteLine);
ours.Dispose();
peer.Dispose();
Directory.Delete(folder, recursive: true);

async Task MeasureAsync()
{
    double slowest = double.MaxValue;
    if (Wanted("writes") || Wanted("latency"))
    {
        int[] counts = Wanted("writes") ? [1, 64, 256, 1000] : [64];
        foreach (int clients in counts)
        {
            (LoadResult[] a, LoadResult[] b) = await PairedAsync($"{clients} clients", cluster => Load.RunAsync(cluster, clients, roundTime));
            Add($"{clients} client{(clients == 1 ? "" : "s")}: acknowledged writes", "/s", clients == 1 ? 1 : 2, false, a, b, static r => r.WritesPerSecond);
            Add($"{clients} client{(clients == 1 ? "" : "s")}: servers' processor time per write", "µs", 0.5, true, a, b, static r => r.ProcessorMicroseconds);
            Add($"{clients} client{(clients == 1 ? "" : "s")}: fsyncs per write, all members", "", 1, true, a, b, static r => r.Fsyncs);
            slowest = clients == 64 ? Math.Min(Median(a.Select(static r => r.WritesPerSecond)), Median(b.Select(static r => r.WritesPerSecond))) : slowest;
        }
    }

    if (Wanted("latency"))
    {
        double rate = slowest / 2;
        (LoadResult[] a, LoadResult[] b) = await PairedAsync($"{rate:F0} writes/s", cluster => Load.RunAsync(cluster, 64, roundTime, rate));
        Add($"p99 latency at {rate:F0} writes/s, 64 clients", "ms", 1, true, a, b, static r => r.P99Milliseconds);
    }

    if (Wanted("failover"))
    {
        Console.Error.WriteLine($"{trials} leaders killed ...");
        double[] a = await Failover.RunAsync(ours, trials);
        double[] b = await Failover.RunAsync(peer, trials);
        rows.Add(new Row($"leader killed ({trials}×): gap in acknowledged writes, p50", a[a.Length / 2], b[b.Length / 2], "ms", 1, true));
        rows.Add(new Row($"leader killed ({trials}×): gap in acknowledged writes, p99", a[(int)(a.Length * 0.99)], b[(int)(b.Length * 0.99)], "ms", 1, true));
        rows.Add(new Row("the same, p50 against the goal", a[a.Length / 2], null, "ms", 1000, true));
        rows.Add(new Row("the same, p99 against the goal", a[(int)(a.Length * 0.99)], null, "ms", 2000, true));
    }
}

bool Wanted(string word) => args.Length == 0 || args.Contains(word);

// In turn, so that a machine that changes its speed changes it for both; the first round is not counted.
async Task<(LoadResult[] Ours, LoadResult[] Peer)> PairedAsync(string what, Func<Cluster, Task<LoadResult>> run)
{
    Console.Error.WriteLine(what + " ...");
    List<LoadResult> a = [];
    List<LoadResult> b = [];
    for (int round = 0; round <= Rounds; round++)
    {
        a.Add(await run(ours));
        b.Add(await run(peer));
    }

    return ([.. a.Skip(1)], [.. b.Skip(1)]);
}

void Add(string title, string unit, double goal, bool lowerIsBetter, LoadResult[] a, LoadResult[] b, Func<LoadResult, double> figure) => rows.Add(new Row(
    title, Median(a.Select(figure)), Median(b.Select(figure)), unit, goal, lowerIsBetter, null, Median(a.Zip(b, (x, y) => figure(x) / figure(y)))));

static double Median(IEnumerable<double> figures)
{
    double[] sorted = [.. figures.Order()];
    return sorted[sorted.Length / 2];
}
