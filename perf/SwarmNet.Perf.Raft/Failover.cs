using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Grpc;

namespace SwarmNet.Perf.Raft;

/// <summary>How long no write is acknowledged when the leader is killed: from the last one before to the first one after.</summary>
internal static class Failover
{
    public static async Task<double[]> RunAsync(Cluster cluster, int trials)
    {
        List<double> gaps = [];
        for (int trial = 0; trial < trials; trial++)
        {
            int leader = await cluster.LeaderAsync();
            // A write that commits shows that the cluster is whole again.
            await UntilWrittenAsync(cluster, leader);
            long last = Stopwatch.GetTimestamp();
            cluster.Kill(leader);
            await Task.WhenAny(Enumerable.Range(0, 3).Where(member => member != leader).Select(member => UntilWrittenAsync(cluster, member)));
            gaps.Add(Stopwatch.GetElapsedTime(last).TotalMilliseconds);
            cluster.Start(leader);
            await UntilAllRunAsync(cluster);
        }

        return [.. gaps.Order()];
    }

    private static async Task UntilWrittenAsync(Cluster cluster, int member)
    {
        using GrpcChannel channel = cluster.Channel(member);
        while (true)
        {
            try
            {
                await channel.UnaryAsync(Api.Put, new Any { TypeUrl = "failover", Value = ByteString.CopyFromUtf8("x") }, new CallOptions(Timeout: TimeSpan.FromSeconds(10)), default);
                return;
            }
            catch (RpcException)
            {
                await Task.Delay(5);
            }
        }
    }

    private static async Task UntilAllRunAsync(Cluster cluster)
    {
        while (true)
        {
            try
            {
                await cluster.FsyncsAsync();
                return;
            }
            catch (Exception exception) when (exception is RpcException or HttpRequestException or IOException or OperationCanceledException)
            {
                await Task.Delay(50);
            }
        }
    }
}
