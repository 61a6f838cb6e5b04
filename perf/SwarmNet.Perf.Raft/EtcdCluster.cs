using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace SwarmNet.Perf.Raft;

/// <summary>Debian's etcd-server with its defaults (heartbeats of 100 ms; fsync on), and our election timeout.</summary>
internal sealed class EtcdCluster(string folder, Hosts? hosts = null) : Cluster(folder, 24110, hosts)
{
    private static readonly HttpClient s_http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public override string Name => "etcd";

    protected override ProcessStartInfo Command(int member) => new("etcd",
    [
        "--name", $"m{member}", "--data-dir", Path.Combine(Folder, $"m{member}"), "--logger", "zap", "--log-level", "error",
        "--listen-client-urls", $"http://{Address(member)}:{ClientPort(member)}", "--advertise-client-urls", $"http://{Address(member)}:{ClientPort(member)}",
        "--listen-peer-urls", $"http://{Address(member)}:{PeerPort(member)}", "--initial-advertise-peer-urls", $"http://{Address(member)}:{PeerPort(member)}",
        "--initial-cluster", string.Join(',', Enumerable.Range(0, 3).Select(m => $"m{m}=http://{Address(m)}:{PeerPort(m)}")),
        "--heartbeat-interval", "100", "--election-timeout", "600", "--quota-backend-bytes", $"{8L << 30}",
    ]);

    public override async Task<double> TermAsync(int member)
    {
        using StringContent empty = new("{}");
        using HttpResponseMessage answer = await s_http.PostAsync(new Uri($"http://{Address(member)}:{ClientPort(member)}/v3/maintenance/status"), empty);
        using JsonDocument status = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        return double.Parse(status.RootElement.GetProperty("raftTerm").GetString()!, CultureInfo.InvariantCulture);
    }

    // Its log, and the commits of the database behind it (at least one fdatasync each).
    protected override async Task<(bool Leads, double Fsyncs)> StatsAsync(int member)
    {
        string metrics = await s_http.GetStringAsync(new Uri($"http://{Address(member)}:{ClientPort(member)}/metrics"));
        return (Figure(metrics, "etcd_server_is_leader") == 1,
            Figure(metrics, "etcd_disk_wal_fsync_duration_seconds_count") + Figure(metrics, "etcd_disk_backend_commit_duration_seconds_count"));
    }

    private static double Figure(string metrics, string name) => double.Parse(
        metrics.Split('\n').First(line => line.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..], CultureInfo.InvariantCulture);
}
