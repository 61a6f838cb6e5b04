namespace SwarmNet.Raft.Tests;

public class RaftNodeClusterTests
{
    private static readonly ulong[] s_voters = [1, 2, 3];

    [Test, CancelAfter(30_000)]
    public async Task Three_nodes_elect_replicate_fail_over_and_catch_up_by_snapshot(CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        InMemoryNetwork network = new();
        Dictionary<ulong, RecordingMachine> machines = [];
        Dictionary<ulong, RaftNode> nodes = [];
        foreach (ulong id in s_voters)
        {
            nodes[id] = await StartAsync(id);
        }

        try
        {
            RaftNode leader = await LeaderAsync();
            ulong first = await leader.ProposeAsync("first"u8.ToArray(), cancellationToken);
            RaftNode follower = nodes.Values.First(node => node != leader);
            Assert.That(
                async () => await follower.ProposeAsync("x"u8.ToArray(), cancellationToken),
                Throws.InstanceOf<RaftNotLeaderException>().With.Property(nameof(RaftNotLeaderException.LeaderId)).EqualTo(leader.Status.NodeId));

            ulong lostId = leader.Status.NodeId;
            network.Detach(lostId);
            await leader.DisposeAsync();
            nodes.Remove(lostId);
            RaftNode successor = await LeaderAsync();
            Assert.That(machines[successor.Status.NodeId].Applied[first], Is.EqualTo("first"));
            for (int i = 0; i < 60; i++)
            {
                await successor.ProposeAsync("more"u8.ToArray(), cancellationToken);
            }

            nodes[lostId] = await StartAsync(lostId);
            ulong goal = await successor.ProposeAsync("last"u8.ToArray(), cancellationToken);
            await UntilAsync(() => machines.Values.All(machine => machine.Applied.ContainsKey(goal)));
            Assert.That(machines[lostId].Restores, Is.EqualTo(1), "what it missed was compacted");
            Assert.That(machines.Values.Select(machine => machine.Applied.Count), Is.All.EqualTo(62));
        }
        finally
        {
            foreach (RaftNode node in nodes.Values)
            {
                await node.DisposeAsync();
            }
        }

        async Task<RaftNode> StartAsync(ulong id)
        {
            machines[id] = new RecordingMachine();
            RaftNode node = await RaftNode.OpenAsync(
                new RaftNodeOptions
                {
                    Directory = folder.Of($"{id}"),
                    NodeId = id,
                    Voters = s_voters,
                    Bootstrap = true,
                    Transport = network,
                    Seed = (int)id,
                    TickInterval = TimeSpan.FromMilliseconds(20),
                    SnapshotEntries = 10,
                },
                machines[id],
                cancellationToken);
            network.Attach(node);
            return node;
        }

        async Task<RaftNode> LeaderAsync()
        {
            await UntilAsync(() => nodes.Values.Any(IsLeaderOfAll));
            return nodes.Values.First(IsLeaderOfAll);
        }

        bool IsLeaderOfAll(RaftNode node) => node.Status.Role == RaftRole.Leader
            && nodes.Values.All(other => other.Status.LeaderId == node.Status.NodeId && other.Status.Term == node.Status.Term);

        async Task UntilAsync(Func<bool> condition)
        {
            while (!condition())
            {
                await Task.Delay(5, cancellationToken);
            }
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task A_leader_that_is_cut_off_reports_its_proposal_as_lost(CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        InMemoryNetwork network = new();
        List<RaftNode> nodes = [];
        foreach (ulong id in s_voters)
        {
            nodes.Add(await RaftNode.OpenAsync(
                new RaftNodeOptions
                {
                    Directory = folder.Of($"{id}"),
                    NodeId = id,
                    Voters = s_voters,
                    Bootstrap = true,
                    Transport = network,
                    Seed = (int)id,
                    TickInterval = TimeSpan.FromMilliseconds(20),
                },
                new RecordingMachine(),
                cancellationToken));
            network.Attach(nodes[^1]);
        }

        try
        {
            RaftNode? old = null;
            await UntilAsync(() => (old = nodes.Find(node => node.Status.Role == RaftRole.Leader)) is not null);
            network.Detach(old!.Status.NodeId);
            List<RaftStatus> changes = [];
            old.StatusChanged += changes.Add;
            Task<ulong> lost = old.ProposeAsync("never"u8.ToArray(), cancellationToken).AsTask();
            await UntilAsync(() => nodes.Exists(node => node != old && node.Status.Role == RaftRole.Leader));
            Assert.That(lost.IsCompleted, Is.False);
            network.Attach(old);
            Assert.That(async () => await lost, Throws.InstanceOf<RaftProposalLostException>());
            await UntilAsync(() => old.Status.Role == RaftRole.Follower);
            Assert.That(changes, Is.Not.Empty);
        }
        finally
        {
            foreach (RaftNode node in nodes)
            {
                await node.DisposeAsync();
            }
        }

        async Task UntilAsync(Func<bool> condition)
        {
            while (!condition())
            {
                await Task.Delay(5, cancellationToken);
            }
        }
    }
}
