using System.Diagnostics;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Grpc;

namespace SwarmNet.Perf.Raft;

internal sealed class OurCluster(string folder) : Cluster(folder, 24100)
{
    public override string Name => "SwarmNet.Raft";

    protected override ProcessStartInfo Command(int member) => new("dotnet",
    [
        typeof(Member).Assembly.Location, "member", $"{member + 1}", $"{ClientPort(member)}", Path.Combine(Folder, $"{member + 1}"),
        $"{PeerPort(0)}", $"{PeerPort(1)}", $"{PeerPort(2)}",
    ]);

    protected override async Task<(bool Leads, double Fsyncs)> StatsAsync(int member)
    {
        using GrpcChannel channel = Channel(member);
        StringValue stats = await channel.UnaryAsync(Api.Stats, new Empty(), new CallOptions(Timeout: TimeSpan.FromSeconds(5)), default);
        string[] words = stats.Value.Split(' ');
        return (words[0] == "1", double.Parse(words[1], CultureInfo.InvariantCulture));
    }
}
