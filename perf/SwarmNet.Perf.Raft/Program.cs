using SwarmNet.Perf;
using SwarmNet.Perf.Raft;

// member ...: one of our processes. Otherwise words choose measurements: core, writes, latency, failover, partition; without any, all. trials=N is
// how often each kind of failure happens.
if (args is ["member", ..])
{
    await Member.RunAsync(args[1..]);
    return;
}

const int Rounds = 3;
TimeSpan roundTime = TimeSpan.FromSeconds(3);
const string TrialsPrefix = "trials=";
string? trialsWord = args.FirstOrDefault(static word => word.StartsWith(TrialsPrefix, StringComparison.Ordinal));
int trials = trialsWord is null ? 100 : int.Parse(trialsWord[TrialsPrefix.Length..]);
string[] words = [.. args.Where(word => word != trialsWord)];
string folder = Directory.CreateTempSubdirectory("swarmnet-perf-raft-").FullName;

List<Row> rows = [];
List<string> distributions = [];
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

Console.WriteLine(Row.Heading("SwarmNet.Raft", "etcd"));
rows.ForEach(Console.WriteLine);
if (distributions.Count > 0)
{
    Console.WriteLine();
    distributions.ForEach(Console.WriteLine);
}

Directory.Delete(folder, recursive: true);

async Task MeasureAsync()
{
    if (Wanted("core"))
    {
        MeasureCore();
    }

    if (Wanted("writes") || Wanted("latency"))
    {
        using Cluster ours = new OurCluster(Path.Combine(folder, "ours"));
        using Cluster peer = new EtcdCluster(Path.Combine(folder, "etcd"));
        StartAll(ours, peer);
        await MeasureLoadAsync(ours, peer);
    }

    if (Wanted("failover") || Wanted("partition"))
    {
        using Hosts ourHosts = new(1);
        using Hosts peerHosts = new(2);
        using Cluster ours = new OurCluster(Path.Combine(folder, "ours-failing"), ourHosts);
        using Cluster peer = new EtcdCluster(Path.Combine(folder, "etcd-failing"), peerHosts);
        StartAll(ours, peer);
        await MeasureFailuresAsync(ours, peer);
    }
}

static void StartAll(params Cluster[] clusters)
{
    foreach (Cluster cluster in clusters)
    {
        for (int member = 0; member < 3; member++)
        {
            cluster.Start(member);
        }
    }
}

void MeasureCore()
{
    double one = 0;
    foreach (int outstanding in (int[])[1, 64, 1024, 4096])
    {
        (double rate, double bytes) = CoreAlone.Run(outstanding, TimeSpan.FromSeconds(2));
        one = outstanding == 1 ? rate : one;
        rows.Add(outstanding == 1 ? new Row("core alone, 1 entry outstanding", rate, null, "/s", 100_000, false)
            : new Row($"core alone, {outstanding:N0} entries outstanding", rate, one, "/s", 1, false, "1 outstanding"));
        rows.Add(new Row($"core alone, {outstanding:N0} outstanding: allocated", bytes, null, "B/entry", 0, true));
    }
}

async Task MeasureLoadAsync(Cluster ours, Cluster peer)
{
    // A runtime compiles what is often called while it runs: at one write at a time that would go on for minutes, and be most of what is measured.
    await Load.RunAsync(ours, 256, 3 * roundTime);
    await Load.RunAsync(peer, 256, 3 * roundTime);
    double slowest = double.MaxValue;
    if (Wanted("writes") || Wanted("latency"))
    {
        int[] counts = Wanted("writes") ? [1, 64, 256, 1000] : [64];
        foreach (int clients in counts)
        {
            (LoadResult[] a, LoadResult[] b) = await PairedAsync($"{clients} clients", ours, peer, cluster => Load.RunAsync(cluster, clients, roundTime));
            Add($"{clients} client{(clients == 1 ? "" : "s")}: acknowledged writes", "/s", clients == 1 ? 1 : 2, false, a, b, static r => r.WritesPerSecond);
            Add($"{clients} client{(clients == 1 ? "" : "s")}: servers' processor time per write", "µs", 0.5, true, a, b, static r => r.ProcessorMicroseconds);
            Add($"{clients} client{(clients == 1 ? "" : "s")}: fsyncs per write, all members", "", 1, true, a, b, static r => r.Fsyncs);
            slowest = clients == 64 ? Math.Min(Median(a.Select(static r => r.WritesPerSecond)), Median(b.Select(static r => r.WritesPerSecond))) : slowest;
        }
    }

    if (Wanted("latency"))
    {
        double rate = slowest / 2;
        (LoadResult[] a, LoadResult[] b) = await PairedAsync($"{rate:F0} writes/s", ours, peer, cluster => Load.RunAsync(cluster, 64, roundTime, rate));
        Add($"p99 latency at {rate:F0} writes/s, 64 clients", "ms", 1, true, a, b, static r => r.P99Milliseconds);
    }
}

async Task MeasureFailuresAsync(Cluster ours, Cluster peer)
{
    foreach (Failure failure in Wanted("failover") ? Enum.GetValues<Failure>() : [])
    {
        string what = failure switch { Failure.Killed => "killed", Failure.Stopped => "stopped", _ => "cut off" };
        Console.Error.WriteLine($"{trials} leaders {what} ...");
        double[] a = new double[trials];
        double[] b = new double[trials];
        for (int trial = 0; trial < trials; trial++)
        {
            a[trial] = await Failover.RunAsync(ours, failure);
            b[trial] = await Failover.RunAsync(peer, failure);
        }

        Array.Sort(a);
        Array.Sort(b);
        rows.Add(new Row($"leader {what} ({trials}×): gap in acknowledged writes, p50", Quantile(a, 0.5), Quantile(b, 0.5), "ms", 1, true));
        rows.Add(new Row($"leader {what} ({trials}×): gap in acknowledged writes, p99", Quantile(a, 0.99), Quantile(b, 0.99), "ms", 1, true));
        rows.Add(new Row("the same, p50 against the goal", Quantile(a, 0.5), null, "ms", 1000, true));
        rows.Add(new Row("the same, p99 against the goal", Quantile(a, 0.99), null, "ms", 2000, true));
        distributions.Add(Distribution($"leader {what}, {ours.Name}", a));
        distributions.Add(Distribution($"leader {what}, {peer.Name}", b));
    }

    if (Wanted("partition"))
    {
        Console.Error.WriteLine("leader and one follower cut from each other ...");
        rows.Add(new Row(
            "leader and one follower cut from each other, 20 s: terms", await Failover.PartiallyCutAsync(ours), null, "terms", 1, true));
        distributions.Add($"the same cut, {peer.Name}: {await Failover.PartiallyCutAsync(peer)} terms");
    }
}

static double Quantile(double[] sorted, double quantile) => sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * quantile)];

static string Distribution(string what, double[] sorted) =>
    $"{what}: {sorted.Length} trials, ms: " + string.Join(' ', sorted.Select(static gap => gap.ToString("F0", System.Globalization.CultureInfo.InvariantCulture)));

bool Wanted(string word) => words.Length == 0 || words.Contains(word);

// In turn, so that a machine that changes its speed changes it for both; the first round is not counted.
async Task<(LoadResult[] Ours, LoadResult[] Peer)> PairedAsync(string what, Cluster ours, Cluster peer, Func<Cluster, Task<LoadResult>> run)
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
