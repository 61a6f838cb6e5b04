using System.Diagnostics;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Grpc;

namespace SwarmNet.Perf.Raft;

internal sealed class OurCluster(string folder, Hosts? hosts = null) : Cluster(folder, 24100, hosts)
{
    public override string Name => "SwarmNet.Raft";

    protected override ProcessStartInfo Command(int member) => new("dotnet",
    [
        typeof(Member).Assembly.Location, "member", $"{member + 1}", $"{Address(member)}:{ClientPort(member)}", Path.Combine(Folder, $"{member + 1}"),
        .. Enumerable.Range(0, 3).Select(m => $"{Address(m)}:{PeerPort(m)}"),
    ]);

    protected override async Task<(bool Leads, double Fsyncs)> StatsAsync(int member)
    {
        string[] words = await WordsAsync(member);
        return (words[0] == "1", double.Parse(words[1], CultureInfo.InvariantCulture));
    }

    public override async Task<double> TermAsync(int member) => double.Parse((await WordsAsync(member))[2], CultureInfo.InvariantCulture);

    private async Task<string[]> WordsAsync(int member)
    {
        using GrpcChannel channel = Channel(member);
        StringValue stats = await channel.UnaryAsync(Api.Stats, new Empty(), new CallOptions(Timeout: TimeSpan.FromSeconds(5)), default);
        return stats.Value.Split(' ');
    }
}
