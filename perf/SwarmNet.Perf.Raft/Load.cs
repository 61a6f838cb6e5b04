using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Grpc;

namespace SwarmNet.Perf.Raft;

/// <summary>Clients that write to the leader, one write at a time each, over at most 16 connections.</summary>
internal static class Load
{
    private const int MostConnections = 16;
    private const int Keys = 1000;
    private static readonly ByteString s_value = ByteString.CopyFrom(new byte[256]);

    /// <summary>Runs for a while; a <paramref name="rate"/> above 0 is the writes started per second by all clients together.</summary>
    public static async Task<LoadResult> RunAsync(Cluster cluster, int clients, TimeSpan time, double rate = 0)
    {
        int leader = await cluster.LeaderAsync();
        GrpcChannel[] channels = [.. Enumerable.Range(0, Math.Min(clients, MostConnections)).Select(_ => cluster.Channel(leader))];
        List<double>[] latencies = [.. Enumerable.Range(0, clients).Select(static _ => new List<double>())];
        await WriteAllAsync(TimeSpan.FromSeconds(0.5));
        foreach (List<double> warm in latencies)
        {
            warm.Clear();
        }

        double fsyncs = await cluster.FsyncsAsync();
        TimeSpan processor = cluster.ProcessorTime();
        long start = Stopwatch.GetTimestamp();
        await WriteAllAsync(time);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        processor = cluster.ProcessorTime() - processor;
        fsyncs = await cluster.FsyncsAsync() - fsyncs;
        double[] all = [.. latencies.SelectMany(static l => l).Order()];
        foreach (GrpcChannel channel in channels)
        {
            channel.Dispose();
        }

        return new LoadResult(
            all.Length / elapsed.TotalSeconds, processor.TotalMicroseconds / all.Length, fsyncs / all.Length, all[(int)(all.Length * 0.99)]);

        Task WriteAllAsync(TimeSpan limit)
        {
            long begin = Stopwatch.GetTimestamp();
            return Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => WriteAsync(client, begin, limit))));
        }

        async Task WriteAsync(int client, long begin, TimeSpan limit)
        {
            GrpcChannel channel = channels[client % channels.Length];
            for (int i = 0; Stopwatch.GetElapsedTime(begin) < limit; i++)
            {
                // At a given rate, latency counts from when the write was due.
                long due = Stopwatch.GetTimestamp();
                if (rate > 0)
                {
                    due = begin + (long)((i + ((double)client / clients)) * clients / rate * Stopwatch.Frequency);
                    TimeSpan wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                    if (wait > TimeSpan.Zero)
                    {
                        await Task.Delay(wait);
                        due = Math.Max(due, Stopwatch.GetTimestamp() - (Stopwatch.Frequency / 500));
                    }
                }

                await channel.UnaryAsync(
                    Api.Put, new Any { TypeUrl = $"key{(client + (i * clients)) % Keys}", Value = s_value }, new CallOptions(Timeout: TimeSpan.FromSeconds(10)), default);
                latencies[client].Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
            }
        }
    }
}
