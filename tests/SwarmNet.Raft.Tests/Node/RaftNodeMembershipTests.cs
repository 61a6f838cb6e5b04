namespace SwarmNet.Raft.Tests;

public class RaftNodeMembershipTests
{
    [Test, CancelAfter(30_000)]
    public async Task A_node_joins_as_a_learner_becomes_a_voter_and_the_leader_leaves(CancellationToken cancellationToken)
    {
        await using NodeCluster cluster = new(cancellationToken);
        await cluster.StartAsync(1);
        RaftNode first = cluster.Nodes[1];
        ulong written = await cluster.WriteAsync("before");
        RaftNode second = await cluster.JoinAsync(2);
        RaftNode third = await cluster.JoinAsync(3);
        Assert.That(second.Status.Membership, Is.EqualTo(RaftMembership.Empty));
        await cluster.ChangeAsync(new(MembershipChangeType.AddLearner, 2), new MembershipChange(MembershipChangeType.AddLearner, 3));
        await cluster.UntilAsync(() => cluster.Machines[2].Applied.ContainsKey(written), "the learner has the log");
        IReadOnlyList<RaftPeerProgress> progress = await first.GetProgressAsync(cancellationToken);
        Assert.That(progress.Select(peer => (peer.NodeId, peer.IsLearner)), Is.EqualTo(new[] { (1ul, false), (2ul, true), (3ul, true) }));
        await cluster.ChangeAsync(new(MembershipChangeType.AddVoter, 2), new MembershipChange(MembershipChangeType.AddVoter, 3));
        Assert.That(first.Status.Membership, Is.EqualTo(new RaftMembership([1, 2, 3])), "the joint phase is over");

        await cluster.ChangeAsync(new MembershipChange(MembershipChangeType.Remove, 1));
        await cluster.UntilAsync(() => first.Status.Role == RaftRole.Follower, "who is removed leads no more");
        await cluster.StopAsync(1);
        ulong after = await cluster.WriteAsync("after");
        await cluster.UntilAsync(() => cluster.Machines[2].Applied.ContainsKey(after) && cluster.Machines[3].Applied.ContainsKey(after), "both go on");
        Assert.That(third.Status.Membership, Is.EqualTo(new RaftMembership([2, 3])));
        await cluster.StopAsync(3);
        RaftNode again = await cluster.JoinAsync(3);
        Assert.That(again.Status.Membership, Is.EqualTo(new RaftMembership([2, 3])), "it is in the log");
        await cluster.LeaderAsync();
    }

    [Test, CancelAfter(30_000)]
    public async Task Who_joins_late_gets_a_snapshot_and_takes_none_before_it_knows_a_membership(CancellationToken cancellationToken)
    {
        await using NodeCluster cluster = new(cancellationToken) { SnapshotEntries = 4 };
        await cluster.StartAsync(1);
        for (int i = 0; i < 30; i++)
        {
            await cluster.WriteAsync($"{i}");
        }

        await cluster.JoinAsync(2);
        await cluster.ChangeAsync(new MembershipChange(MembershipChangeType.AddLearner, 2));
        ulong last = await cluster.WriteAsync("last");
        await cluster.UntilAsync(() => cluster.Machines[2].Applied.ContainsKey(last), "it has everything");
        Assert.That(cluster.Machines[2].Applied, Is.EqualTo(cluster.Machines[1].Applied));
        await cluster.StopAsync(2);
        RaftNode again = await cluster.JoinAsync(2);
        Assert.That(again.Status.Membership, Is.EqualTo(new RaftMembership([1], [2])));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_change_that_makes_no_sense_or_comes_at_the_wrong_time_is_refused_with_a_sentence(CancellationToken cancellationToken)
    {
        await using NodeCluster cluster = new(cancellationToken);
        await cluster.StartAsync(1, 2, 3);
        RaftNode leader = await cluster.LeaderAsync();
        RaftNode follower = cluster.Nodes.Values.First(node => node != leader);
        await leader.ProposeAsync(new byte[1], cancellationToken);
        Assert.That(async () => await follower.ChangeMembershipAsync([new(MembershipChangeType.AddLearner, 4)], cancellationToken), Throws.InstanceOf<RaftNotLeaderException>());
        Assert.That(
            async () => await leader.ChangeMembershipAsync([new(MembershipChangeType.Remove, 9)], cancellationToken),
            Throws.InstanceOf<RaftMembershipException>().With.Message.Contains("is no member"));
        Assert.That(
            async () => await leader.TransferLeadershipAsync(9, cancellationToken),
            Throws.InstanceOf<RaftMembershipException>().With.Message.Contains("has no vote"));
        // A voter that is not there: the old majority and the new one (3 of 4) go on without it.
        await leader.ChangeMembershipAsync([new(MembershipChangeType.AddVoter, 4)], cancellationToken);
        Assert.That(leader.Status.Membership, Is.EqualTo(new RaftMembership([1, 2, 3, 4])));

        cluster.Network.Detach(leader.Status.NodeId);
        Task<ulong> change = leader.ChangeMembershipAsync([new(MembershipChangeType.AddLearner, 5)], cancellationToken).AsTask();
        Assert.That(
            async () => await leader.ChangeMembershipAsync([new(MembershipChangeType.AddLearner, 6)], cancellationToken),
            Throws.InstanceOf<RaftBusyException>().With.Message.Contains("Another change of the membership is under way"));
        Assert.That(async () => await change, Throws.InstanceOf<RaftProposalLostException>(), "a leader without a majority steps down");
    }

    [Test, CancelAfter(30_000)]
    public async Task Leadership_is_handed_over_and_kept_when_the_other_is_not_there(CancellationToken cancellationToken)
    {
        await using NodeCluster cluster = new(cancellationToken);
        await cluster.StartAsync(1, 2, 3);
        RaftNode leader = await cluster.LeaderAsync();
        ulong other = leader.Status.NodeId % 3 + 1;
        await leader.TransferLeadershipAsync(other, cancellationToken);
        RaftNode successor = await cluster.LeaderAsync();
        Assert.That(successor.Status.NodeId, Is.EqualTo(other));
        Assert.That(async () => await leader.TransferLeadershipAsync(other, cancellationToken), Throws.InstanceOf<RaftNotLeaderException>());

        ulong absent = leader.Status.NodeId;
        await cluster.StopAsync(absent);
        Assert.That(
            async () => await successor.TransferLeadershipAsync(absent, cancellationToken),
            Throws.InstanceOf<RaftUnavailableException>().With.Message.Contains("still leads"));
        await cluster.WriteAsync("it goes on");
    }

    [Test, CancelAfter(30_000)]
    public async Task A_survivor_forces_a_new_cluster_keeps_everything_and_others_join_it(CancellationToken cancellationToken)
    {
        await using NodeCluster cluster = new(cancellationToken);
        await cluster.StartAsync(1, 2, 3);
        Dictionary<ulong, string> written = [];
        for (int i = 0; i < 20; i++)
        {
            written.Add(await cluster.WriteAsync($"{i}"), $"{i}");
        }

        // Every node has all of it on disk, maybe without knowing that it is committed.
        await cluster.UntilAsync(() => cluster.Machines.Values.All(machine => machine.Applied.Count == 20), "all have it");
        for (ulong id = 1; id <= 3; id++)
        {
            await cluster.StopAsync(id);
        }

        RaftNode survivor = await cluster.StartAsync(2, cluster.Options(2, bootstrap: false, [], force: true));
        Assert.That(survivor.Status.Role, Is.EqualTo(RaftRole.Leader));
        Assert.That(cluster.Machines[2].Applied, Is.EquivalentTo(written));
        await cluster.StopAsync(2);
        survivor = await cluster.JoinAsync(2);
        Assert.That(survivor.Status.Membership, Is.EqualTo(new RaftMembership([2])), "the next start needs no force");
        await cluster.JoinAsync(7);
        await cluster.ChangeAsync(new MembershipChange(MembershipChangeType.AddVoter, 7));
        ulong after = await cluster.WriteAsync("after");
        await cluster.UntilAsync(() => cluster.Machines[7].Applied.ContainsKey(after), "the newcomer has it");
    }

    [Test]
    public void A_folder_without_state_is_neither_forced_nor_both_started_and_joined()
    {
        using TempFolder folder = new();
        Assert.That(
            async () => await RaftNode.OpenAsync(new RaftNodeOptions { Directory = folder, NodeId = 7, Bootstrap = true, ForceNewCluster = true }, new RecordingMachine()),
            Throws.InstanceOf<RaftStorageException>().With.Message.Contains("without ForceNewCluster"));
        Assert.That(
            async () => await RaftNode.OpenAsync(new RaftNodeOptions { Directory = folder, NodeId = 7, Bootstrap = true, Join = true }, new RecordingMachine()),
            Throws.InstanceOf<RaftStorageException>().With.Message.Contains("not with both"));
    }
}
