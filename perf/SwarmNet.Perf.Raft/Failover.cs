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
            using CancellationTokenSource written = new();
            await UntilWrittenAsync(cluster, leader, written.Token);
            long last = Stopwatch.GetTimestamp();
            cluster.Kill(leader);
            Task[] others = [.. Enumerable.Range(0, 3).Where(member => member != leader).Select(member => UntilWrittenAsync(cluster, member, written.Token))];
            await Task.WhenAny(others);
            gaps.Add(Stopwatch.GetElapsedTime(last).TotalMilliseconds);
            await written.CancelAsync();
            await Task.WhenAll(others);
            cluster.Start(leader);
            await UntilAllRunAsync(cluster);
        }

        return [.. gaps.Order()];
    }

    private static async Task UntilWrittenAsync(Cluster cluster, int member, CancellationToken cancellationToken)
    {
        using GrpcChannel channel = cluster.Channel(member);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await channel.UnaryAsync(
                    Api.Put, new Any { TypeUrl = "failover", Value = ByteString.CopyFromUtf8("x") }, new CallOptions(Timeout: TimeSpan.FromSeconds(0.2)), cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is RpcException or OperationCanceledException)
            {
                await Task.Delay(5, CancellationToken.None);
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
