using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Grpc;

namespace SwarmNet.Perf.Raft;

/// <summary>How long no write is acknowledged when the leader fails: from the last one before to the first one after.</summary>
internal static class Failover
{
    private static readonly TimeSpan s_partitionTime = TimeSpan.FromSeconds(20);

    /// <summary>One failure; the gap in milliseconds. The cluster is whole again when it returns.</summary>
    public static async Task<double> RunAsync(Cluster cluster, Failure failure)
    {
        int leader = await cluster.WholeAsync();
        // A write that commits shows that it takes some.
        using CancellationTokenSource written = new();
        await UntilWrittenAsync(cluster, leader, written.Token);
        long last = Stopwatch.GetTimestamp();
        cluster.Fail(leader, failure);
        Task[] others = [.. Enumerable.Range(0, 3).Where(member => member != leader).Select(member => UntilWrittenAsync(cluster, member, written.Token))];
        await Task.WhenAny(others);
        double gap = Stopwatch.GetElapsedTime(last).TotalMilliseconds;
        await written.CancelAsync();
        await Task.WhenAll(others);
        cluster.Recover(leader, failure);
        await cluster.WholeAsync();
        return gap;
    }

    /// <summary>The leader and one follower do not hear each other for a while, the third hears both: how many terms that takes.</summary>
    public static async Task<double> PartiallyCutAsync(Cluster cluster)
    {
        int leader = await cluster.WholeAsync();
        double before = await cluster.TermAsync(leader);
        cluster.Cut(leader, (leader + 1) % 3);
        await Task.Delay(s_partitionTime);
        cluster.Recover(leader, Failure.CutOff);
        return await cluster.TermAsync(await cluster.WholeAsync()) - before;
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
}
