using System.Diagnostics;
using System.Globalization;

namespace SwarmNet.Perf.Raft;

/// <summary>Debian's etcd-server with its defaults (heartbeats of 100 ms and elections of 1 s, as ours; fsync on).</summary>
internal sealed class EtcdCluster(string folder) : Cluster(folder, 24110)
{
    private static readonly HttpClient s_http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public override string Name => "etcd";

    protected override ProcessStartInfo Command(int member) => new("etcd",
    [
        "--name", $"m{member}", "--data-dir", Path.Combine(Folder, $"m{member}"), "--logger", "zap", "--log-level", "error",
        "--listen-client-urls", $"http://127.0.0.1:{ClientPort(member)}", "--advertise-client-urls", $"http://127.0.0.1:{ClientPort(member)}",
        "--listen-peer-urls", $"http://127.0.0.1:{PeerPort(member)}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{PeerPort(member)}",
        "--initial-cluster", string.Join(',', Enumerable.Range(0, 3).Select(m => $"m{m}=http://127.0.0.1:{PeerPort(m)}")),
        "--quota-backend-bytes", $"{8L << 30}",
    ]);

    // Its log, and the commits of the database behind it (at least one fdatasync each).
    protected override async Task<(bool Leads, double Fsyncs)> StatsAsync(int member)
    {
        string metrics = await s_http.GetStringAsync(new Uri($"http://127.0.0.1:{ClientPort(member)}/metrics"));
        return (Figure(metrics, "etcd_server_is_leader") == 1,
            Figure(metrics, "etcd_disk_wal_fsync_duration_seconds_count") + Figure(metrics, "etcd_disk_backend_commit_duration_seconds_count"));
    }

    private static double Figure(string metrics, string name) => double.Parse(
        metrics.Split('\n').First(line => line.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..], CultureInfo.InvariantCulture);
}
