using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Raft.Tests;

public class RaftNodeDiskTests
{
    [Test, CancelAfter(30_000)]
    public async Task Proposals_that_wait_for_the_disk_share_one_fsync(CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        using SlowDisk disk = new();
        await using RaftNode node = await RaftNode.OpenAsync(Options(folder, 7, [], disk), new RecordingMachine(), cancellationToken);
        disk.Close();
        int before = disk.Flushes;
        List<Task<ulong>> proposals = [node.ProposeAsync(new byte[1], cancellationToken).AsTask()];
        await disk.UntilWaitingAsync(cancellationToken);
        proposals.AddRange(Enumerable.Range(0, 500).Select(_ => node.ProposeAsync(new byte[1], cancellationToken).AsTask()));
        // An answer from the owner thread: it has taken what came before.
        await node.GetProgressAsync(cancellationToken);
        Assert.That(proposals, Has.None.Property(nameof(Task.IsCompleted)).True, "nothing is acknowledged before its fsync");
        disk.Open();
        await Task.WhenAll(proposals);
        Assert.That(disk.Flushes - before, Is.InRange(2, 4));
    }

    [Test(Description = "Thesis §10.2.1: the leader writes to its disk in parallel with replicating; an entry is committed once a majority has it, with or without the leader."), CancelAfter(30_000)]
    public async Task A_leader_with_a_slow_disk_commits_with_the_others_and_keeps_its_leadership(CancellationToken cancellationToken)
    {
        using SlowDisk disk = new();
        await using NodeCluster cluster = new(cancellationToken);
        await cluster.StartAsync(1, Options(cluster.FolderOf(1), 1, [1, 2, 3], disk, cluster.Network));
        await cluster.StartAsync(2, cluster.Options(2, bootstrap: true, [1, 2, 3]));
        await cluster.StartAsync(3, cluster.Options(3, bootstrap: true, [1, 2, 3]));
        RaftNode leader = await cluster.LeaderAsync();
        if (leader.Status.NodeId != 1)
        {
            await leader.TransferLeadershipAsync(1, cancellationToken);
            leader = await cluster.LeaderAsync();
        }

        await cluster.WriteAsync("first");
        ulong term = leader.Status.Term;
        disk.Close();
        Task<ulong> write = leader.ProposeAsync("slow"u8.ToArray(), cancellationToken).AsTask();
        await cluster.UntilAsync(() => cluster.Machines[2].Applied.Values.Contains("slow") && cluster.Machines[3].Applied.Values.Contains("slow"), "the others apply it");
        Assert.That(write.IsCompleted, Is.False, "this node has not applied it");
        // Three election timeouts in the followers' time.
        for (int i = 0; i < 10; i++)
        {
            await cluster.Nodes[2].ReadIndexAsync(cancellationToken);
        }

        disk.Open();
        await write;
        Assert.That(cluster.Nodes.Values.Select(node => node.Status.Term), Is.All.EqualTo(term), "no election");
    }

    [Test, CancelAfter(30_000)]
    public async Task A_failed_fsync_stops_the_node_and_another_one_leads(CancellationToken cancellationToken)
    {
        using SlowDisk disk = new();
        await using NodeCluster cluster = new(cancellationToken);
        await cluster.StartAsync(1, Options(cluster.FolderOf(1), 1, [1, 2, 3], disk, cluster.Network));
        await cluster.StartAsync(2, cluster.Options(2, bootstrap: true, [1, 2, 3]));
        await cluster.StartAsync(3, cluster.Options(3, bootstrap: true, [1, 2, 3]));
        await cluster.WriteAsync("first");
        RaftNode broken = cluster.Nodes[1];
        disk.Fail(new IOException("Input/output error"));
        RaftNode leader = await cluster.LeaderAsync();
        Task write = leader.ProposeAsync("x"u8.ToArray(), cancellationToken).AsTask();
        Assert.That(async () => await broken.Completion.WaitAsync(cancellationToken), Throws.InstanceOf<RaftStorageException>().With.Message.Contains("Input/output error"));
        Assert.That(async () => await broken.ProposeAsync(new byte[1], cancellationToken), Throws.InstanceOf<RaftProposalLostException>());
        await write.ContinueWith(static _ => { }, cancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);
        cluster.Network.Detach(1);
        cluster.Nodes.Remove(1);
        await cluster.WriteAsync("it goes on");
        await broken.DisposeAsync();
    }

    [Test, Category("Kernel"), CancelAfter(60_000)]
    public async Task A_full_disk_refuses_writes_serves_reads_and_recovers_without_a_restart(CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        using SmallDisk disk = new(folder.Of("disk"), sizeBytes: 1 << 20);
        RaftNodeOptions options = new() { Directory = disk.Path, NodeId = 7, Bootstrap = true, SegmentBytes = 128 << 10, SnapshotEntries = 0, TickInterval = TimeSpan.FromMilliseconds(20) };
        Dictionary<ulong, string> acknowledged = [];
        RecordingMachine machine = new();
        await using (RaftNode node = await RaftNode.OpenAsync(options, machine, cancellationToken))
        {
            string ballast = disk.Fill(leaveBytes: 400 << 10);
            RaftDiskFullException? refused = null;
            List<Task> waiting = [];
            for (int i = 0; refused is null; i++)
            {
                string text = $"{i}".PadRight(10_000);
                Task<ulong> write = node.ProposeAsync(System.Text.Encoding.UTF8.GetBytes(text), cancellationToken).AsTask();
                Task done = await Task.WhenAny(write, Task.Delay(200, cancellationToken));
                if (done != write)
                {
                    // Taken, and now it waits for space.
                    waiting.Add(write.ContinueWith(task => { lock (acknowledged) { acknowledged.Add(task.Result, text); } }, TaskScheduler.Default));
                }
                else if (write.Exception?.InnerException is RaftDiskFullException full)
                {
                    refused = full;
                }
                else
                {
                    acknowledged.Add(await write, text);
                }
            }

            Assert.That(refused.Message, Does.Contain("is full").And.Contain("Free some space"));
            Assert.That(await node.ReadIndexAsync(cancellationToken), Is.GreaterThanOrEqualTo(acknowledged.Keys.Max()), "reads go on");
            Assert.That(node.Completion.IsCompleted, Is.False);
            File.Delete(ballast);
            await Task.WhenAll(waiting);
            acknowledged.Add(await node.ProposeAsync("after"u8.ToArray(), cancellationToken), "after");
        }

        RecordingMachine again = new();
        await using RaftNode reopened = await RaftNode.OpenAsync(options, again, cancellationToken);
        Assert.That(again.Applied, Is.EquivalentTo(acknowledged));
        Assert.That(machine.Applied, Is.EquivalentTo(acknowledged));
    }

    [Test, Category("Kernel"), CancelAfter(60_000)]
    public async Task A_leader_whose_disk_is_full_lets_another_one_lead_and_follows_when_there_is_space_again(CancellationToken cancellationToken)
    {
        await using NodeCluster cluster = new(cancellationToken) { SegmentBytes = 256 << 10 };
        using SmallDisk disk = new(cluster.FolderOf(1), sizeBytes: 4 << 20);
        await cluster.StartAsync(1, 2, 3);
        RaftNode first = await cluster.LeaderAsync();
        if (first.Status.NodeId != 1)
        {
            await first.TransferLeadershipAsync(1, cancellationToken);
            first = await cluster.LeaderAsync();
        }

        await cluster.WriteAsync("before");
        string ballast = disk.Fill(leaveBytes: 0);
        byte[] large = new byte[100_000];
        List<Task> asked = [];
        while (cluster.Nodes[1].DiskProblem is null)
        {
            // The last one may be taken, and then wait for space.
            asked.Add(first.ProposeAsync(large, cancellationToken).AsTask());
            await Task.WhenAny(asked[^1], Task.Delay(200, cancellationToken));
        }

        Assert.That(first.DiskProblem, Does.Contain("is full"));
        await cluster.UntilAsync(() => cluster.Nodes[2].Status.Role == RaftRole.Leader || cluster.Nodes[3].Status.Role == RaftRole.Leader, "another one leads");
        await cluster.UntilAsync(() => first.Status.Role == RaftRole.Follower && first.Status.LeaderId is 2 or 3, "the first follows");
        RaftNode second = cluster.Nodes[first.Status.LeaderId];
        ulong index = await second.ProposeAsync("meanwhile"u8.ToArray(), cancellationToken);
        File.Delete(ballast);
        await cluster.UntilAsync(() => first.Status.AppliedIndex >= index, "the first has caught up");
        Assert.That(first.DiskProblem, Is.Null);
        foreach (Task task in asked)
        {
            await task.ContinueWith(static _ => { }, cancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        await first.ReadIndexAsync(cancellationToken);
        Assert.That(cluster.Machines[1].Applied, Is.SupersetOf(cluster.Machines[2].Applied.Where(entry => entry.Key <= index)));
    }

    private static RaftNodeOptions Options(string folder, ulong id, ulong[] voters, SlowDisk disk, InMemoryNetwork? network = null) => new()
    {
        Directory = folder,
        NodeId = id,
        Voters = voters,
        Bootstrap = true,
        Transport = network,
        Seed = (int)id,
        TickInterval = TimeSpan.FromMilliseconds(20),
        Flush = disk.Flush,
    };

    /// <summary>A disk whose fsync waits while it is closed.</summary>
    private sealed class SlowDisk : IDisposable
    {
        private readonly ManualResetEventSlim _open = new(true);
        private volatile Exception? _failure;
        private int _flushes;
        private int _waiting;

        public int Flushes => Volatile.Read(ref _flushes);

        public void Flush(SafeFileHandle file)
        {
            Interlocked.Increment(ref _waiting);
            _open.Wait();
            Interlocked.Decrement(ref _waiting);
            if (_failure is { } failure)
            {
                throw failure;
            }

            RandomAccess.FlushToDisk(file);
            Interlocked.Increment(ref _flushes);
        }

        public void Close() => _open.Reset();

        public void Open() => _open.Set();

        public void Fail(Exception exception) => _failure = exception;

        public async Task UntilWaitingAsync(CancellationToken cancellationToken)
        {
            while (Volatile.Read(ref _waiting) == 0)
            {
                await Task.Delay(1, cancellationToken);
            }
        }

        public void Dispose() => _open.Set();
    }
}
