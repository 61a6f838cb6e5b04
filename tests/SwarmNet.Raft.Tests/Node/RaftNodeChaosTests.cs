using System.Collections.Concurrent;
using System.Text;

namespace SwarmNet.Raft.Tests;

/// <summary>What the simulator does to cores, in small, to whole nodes: threads, files and snapshots are real here.</summary>
[Category("Slow")]
public class RaftNodeChaosTests
{
    private static readonly TimeSpan s_faultTime = TimeSpan.FromSeconds(12);

    [Test, CancelAfter(120_000)]
    public async Task No_acknowledged_write_is_lost_and_no_read_is_stale(CancellationToken cancellationToken)
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        await using NodeCluster cluster = new(cancellationToken) { SnapshotEntries = 30, SegmentBytes = 8192 };
        cluster.Network.Lose(0.03, seed);
        await cluster.StartAsync(1, 2, 3);
        ConcurrentDictionary<ulong, string> acknowledged = new();
        ConcurrentDictionary<ulong, RaftNode> running = new(cluster.Nodes);
        using CancellationTokenSource clients = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        int reads = 0;
        Task[] work =
        [
            .. Enumerable.Range(0, 6).Select(client => Task.Run(() => WriteAsync(client))),
            .. Enumerable.Range(0, 2).Select(client => Task.Run(() => ReadAsync(new Random(seed + client)))),
        ];

        // Faults, one after the other.
        int faults = 0;
        for (DateTime end = DateTime.UtcNow + s_faultTime; DateTime.UtcNow < end; faults++)
        {
            ulong id = (ulong)random.Next(1, 5);
            switch (random.Next(6))
            {
                case 0 when running.ContainsKey(id):
                    running.TryRemove(id, out _);
                    await cluster.StopAsync(id);
                    await Task.Delay(random.Next(300), cancellationToken);
                    running[id] = await cluster.JoinAsync(id);
                    break;
                case 1:
                    cluster.Network.Detach(id);
                    await Task.Delay(random.Next(600), cancellationToken);
                    break;
                case 2 when Leader() is { } leader:
                    await TryAsync(async () => await leader.TransferLeadershipAsync(id, cancellationToken));
                    break;
                case 3 when Leader() is { } leader:
                    if (!running.ContainsKey(4))
                    {
                        running[4] = await cluster.JoinAsync(4);
                    }

                    MembershipChangeType change = leader.Status.Membership.Voters.Contains(4ul) ? MembershipChangeType.AddLearner
                        : leader.Status.Membership.Contains(4) ? MembershipChangeType.AddVoter : MembershipChangeType.AddLearner;
                    await TryAsync(async () => await leader.ChangeMembershipAsync([new(change, 4)], cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(1), cancellationToken));
                    break;
                default:
                    await Task.Delay(random.Next(300), cancellationToken);
                    break;
            }

            foreach (RaftNode node in running.Values)
            {
                cluster.Network.Attach(node);
            }
        }

        await clients.CancelAsync();
        await Task.WhenAll(work);
        cluster.Network.Lose(0, seed);
        ulong last = await cluster.WriteAsync("last");
        RaftNode final = await cluster.LeaderAsync();
        ulong[] members = [.. final.Status.Membership.Voters, .. final.Status.Membership.Learners];
        await cluster.UntilAsync(() => members.All(id => cluster.Machines[id].Applied.ContainsKey(last)), $"seed {seed}: all have everything");
        IReadOnlyDictionary<ulong, string> state = cluster.Machines[final.Status.NodeId].Applied;
        Assert.That(acknowledged.Where(write => state.GetValueOrDefault(write.Key) != write.Value), Is.Empty, $"seed {seed}: acknowledged but lost");
        foreach (ulong id in members)
        {
            Assert.That(cluster.Machines[id].Applied.SequenceEqual(state), $"seed {seed}: node {id} has another state than {final.Status.NodeId}");
        }

        TestContext.Out.WriteLine($"{acknowledged.Count} writes acknowledged, {reads} reads, {faults} faults, term {final.Status.Term}");
        Assert.That(acknowledged, Has.Count.GreaterThan(100), $"seed {seed}: it did real work");
        Assert.That(reads, Is.GreaterThan(20), $"seed {seed}");

        RaftNode? Leader() => running.Values.FirstOrDefault(node => node.Status.Role == RaftRole.Leader);

        async Task WriteAsync(int client)
        {
            for (int i = 0; !clients.IsCancellationRequested; i++)
            {
                string text = $"{client}.{i}";
                if (Leader() is not { } leader || !await TryAsync(
                    async () => acknowledged[await leader.ProposeAsync(Encoding.UTF8.GetBytes(text), clients.Token)] = text))
                {
                    await Task.Delay(5, CancellationToken.None);
                }
            }
        }

        async Task ReadAsync(Random own)
        {
            while (!clients.IsCancellationRequested)
            {
                ulong id = (ulong)own.Next(1, 4);
                if (!running.TryGetValue(id, out RaftNode? node))
                {
                    await Task.Delay(5, CancellationToken.None);
                    continue;
                }

                KeyValuePair<ulong, string>[] before = acknowledged.ToArray();
                RecordingMachine machine = cluster.Machines[id];
                if (await TryAsync(async () => await node.ReadIndexAsync(clients.Token)))
                {
                    IReadOnlyDictionary<ulong, string> seen = machine.Applied;
                    if (ReferenceEquals(cluster.Machines[id], machine))
                    {
                        Assert.That(before.Where(write => seen.GetValueOrDefault(write.Key) != write.Value), Is.Empty, $"seed {seed}: a stale read at node {id}");
                        Interlocked.Increment(ref reads);
                    }
                }
            }
        }

        async Task<bool> TryAsync(Func<Task> action)
        {
            try
            {
                await action();
                return true;
            }
            catch (Exception exception) when (exception is RaftException or TimeoutException || (exception is OperationCanceledException && clients.IsCancellationRequested))
            {
                return false;
            }
        }
    }
}
