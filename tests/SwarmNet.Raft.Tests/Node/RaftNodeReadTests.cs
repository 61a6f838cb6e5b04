namespace SwarmNet.Raft.Tests;

public class RaftNodeReadTests
{
    [Test, CancelAfter(30_000)]
    public async Task A_read_anywhere_sees_every_write_that_was_acknowledged_before(CancellationToken cancellationToken)
    {
        await using NodeCluster cluster = new(cancellationToken);
        await cluster.StartAsync(1, 2, 3);
        await cluster.LeaderAsync();
        for (int i = 0; i < 20; i++)
        {
            ulong written = await cluster.WriteAsync($"{i}");
            foreach ((ulong id, RaftNode node) in cluster.Nodes)
            {
                Assert.That(await node.ReadIndexAsync(cancellationToken), Is.GreaterThanOrEqualTo(written));
                Assert.That(cluster.Machines[id].Applied[written], Is.EqualTo($"{i}"));
            }
        }

        ulong[] many = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => cluster.Nodes[2].ReadIndexAsync(cancellationToken).AsTask()));
        Assert.That(many, Is.All.GreaterThan(20));
    }

    [Test, CancelAfter(30_000)]
    public async Task Without_a_majority_a_read_fails_in_time_and_says_what_is_missing(CancellationToken cancellationToken)
    {
        await using NodeCluster cluster = new(cancellationToken);
        await cluster.StartAsync(1, 2, 3);
        RaftNode leader = await cluster.LeaderAsync();
        foreach (ulong id in new ulong[] { 1, 2, 3 }.Where(id => id != leader.Status.NodeId))
        {
            await cluster.StopAsync(id);
        }

        Assert.That(
            async () => await leader.ReadIndexAsync(cancellationToken),
            Throws.InstanceOf<RaftUnavailableException>().With.Message.Contains("a majority must run and be reachable"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_read_of_entries_that_do_not_arrive_fails_in_time(CancellationToken cancellationToken)
    {
        await using NodeCluster cluster = new(cancellationToken);
        await cluster.StartAsync(1, 2, 3);
        RaftNode leader = await cluster.LeaderAsync();
        RaftNode follower = cluster.Nodes.Values.First(node => node != leader);
        cluster.Network.Drops = message => message.To == follower.Status.NodeId && !message.Entries.IsEmpty;
        await leader.ProposeAsync("x"u8.ToArray(), cancellationToken);
        Assert.That(async () => await follower.ReadIndexAsync(cancellationToken), Throws.InstanceOf<RaftUnavailableException>());

        cluster.Network.Drops = null;
        await follower.ReadIndexAsync(cancellationToken);
    }

    [Test, CancelAfter(30_000)]
    public async Task A_read_that_waits_while_the_leader_changes_is_asked_again(CancellationToken cancellationToken)
    {
        await using NodeCluster cluster = new(cancellationToken);
        await cluster.StartAsync(1, 2, 3);
        RaftNode leader = await cluster.LeaderAsync();
        ulong written = await cluster.WriteAsync("x");
        RaftNode follower = cluster.Nodes.Values.First(node => node != leader);
        cluster.Network.Detach(leader.Status.NodeId);
        Task<ulong> read = follower.ReadIndexAsync(cancellationToken).AsTask();
        Assert.That(await read, Is.GreaterThanOrEqualTo(written));
        Assert.That(follower.Status.LeaderId, Is.Not.EqualTo(leader.Status.NodeId));
    }

    [Test]
    public async Task Reads_that_wait_when_the_node_is_closed_fail()
    {
        using TempFolder folder = new();
        RaftNode node = await RaftNode.OpenAsync(
            new RaftNodeOptions { Directory = folder, NodeId = 1, Voters = [1, 2], Bootstrap = true }, new RecordingMachine());
        Task<ulong> read = node.ReadIndexAsync().AsTask();
        await node.DisposeAsync();
        Assert.That(async () => await read, Throws.InstanceOf<RaftProposalLostException>());
    }
}
