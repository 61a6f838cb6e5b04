using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SwarmNet.Perf.DataPlane.Forwarding;

/// <summary>The measurements that every path gets, by well-known load generators.</summary>
internal static partial class Traffic
{
    private const int Connects = 1000;
    private const int Clients = 8;

    /// <summary>Gbit/s that arrived, by iperf3, within a second.</summary>
    public static double Throughput(TrafficPath path, int streams)
    {
        string json = Run(path.NsPath, $"iperf3 -c {path.Address} -p {path.BulkPort} -t 1 -P {streams} -J");
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("end").TryGetProperty("sum_received", out JsonElement received)
            ? received.GetProperty("bits_per_second").GetDouble() / 1e9
            : throw new InvalidOperationException($"iperf3 to {path.Address}: {json}");
    }

    /// <summary>Requests per second of eight clients, by wrk, within a second.</summary>
    public static double Requests(TrafficPath path, bool keepAlive)
    {
        string text = Run(path.NsPath, $"wrk -t 1 -c {Clients} -d 1s{(keepAlive ? "" : " -H Connection:close")} http://{path.Address}:{path.HttpPort}/");
        return text.Contains("Non-2xx", StringComparison.Ordinal)
            ? throw new InvalidOperationException($"wrk to {path.Address}: {text}")
            : double.Parse(RequestsPerSecond().Match(text).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Microseconds to connect: median, and the value that one in a hundred exceeds.</summary>
    public static double[] ConnectLatency(TrafficPath path)
    {
        double[] sorted = ConnectLoop.Run(path.From, path.Address, path.HttpPort, Connects);
        return double.IsNaN(sorted[0])
            ? throw new InvalidOperationException($"a connect to {path.Address}:{path.HttpPort} failed")
            : [ConnectLoop.Percentile(sorted, 0.5), ConnectLoop.Percentile(sorted, 0.99)];
    }

    /// <summary>What is measured must be what is promised: the server sees the client's own address.</summary>
    public static void ExpectSource(TrafficPath path, string address)
    {
        string answer = Run(path.NsPath, $"curl -s --max-time 10 http://{path.Address}:{path.HttpPort}/").Trim();
        if (answer != address)
        {
            throw new InvalidOperationException($"the server behind {path.Address}:{path.HttpPort} sees {answer} instead of {address}");
        }
    }

    /// <summary>All of it for one path beside another.</summary>
    /// <param name="what">Begins the rows' titles.</param>
    /// <param name="ours">Our path.</param>
    /// <param name="peer">The path it is compared with.</param>
    /// <param name="peerName">Its name.</param>
    /// <param name="rounds">Counted rounds.</param>
    public static IEnumerable<Row> Compare(string what, TrafficPath ours, TrafficPath peer, string peerName, int rounds)
    {
        foreach (int streams in new[] { 1, 8 })
        {
            yield return Paired.Run($"{what}: throughput, {streams} stream{(streams == 1 ? "" : "s")}", "Gbit/s", 1, lowerIsBetter: false, peerName, rounds,
                () => Throughput(ours, streams), () => Throughput(peer, streams));
        }

        foreach (bool keepAlive in new[] { true, false })
        {
            yield return Paired.Run($"{what}: requests, {(keepAlive ? "kept-alive" : "fresh")} connections", "/s", 1, lowerIsBetter: false, peerName, rounds,
                () => Requests(ours, keepAlive), () => Requests(peer, keepAlive));
        }

        foreach (Row row in Paired.RunMany([$"{what}: connect, median", $"{what}: connect, 99 of 100 within"], "µs", 1, lowerIsBetter: true, peerName, rounds,
            () => ConnectLatency(ours), () => ConnectLatency(peer)))
        {
            yield return row;
        }
    }

    private static string Run(string nsPath, string command)
    {
        using Process process = Lab.Start(nsPath, command);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output
            : throw new InvalidOperationException($"{command}: exit code {process.ExitCode}: {error.GetAwaiter().GetResult()}{output}");
    }

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex RequestsPerSecond();
}
