namespace SwarmNet.Raft.Tests;

/// <summary>Linearizable reads without leases: thesis §6.4.</summary>
public class ReadIndexTests
{
    private static readonly ulong[] s_three = [1, 2, 3];

    [Test(Description = "§6.4: if the leader has not yet marked an entry from its current term committed, it waits until it has done so.")]
    public void A_read_waits_for_the_first_commit_of_the_term()
    {
        CoreDriver leader = new(1, s_three);
        leader.ElectLeader();
        Assert.That(leader.Core.TryReadIndex(out ulong read));
        Assert.That(leader.Drain(), Is.Empty);
        ulong round = leader.Acknowledge(2).First(m => m.Type == RaftMessageType.Heartbeat).Context;
        Assert.That(leader.Reads, Is.Empty);
        Confirm(leader, 3, round);
        Assert.That(leader.Reads, Is.EqualTo(new[] { new RaftRead(read, 1) }));
    }

    [Test(Description = "§6.4: the leader issues a new round of heartbeats and waits for their acknowledgments from a majority; one round serves any number of reads.")]
    public void Reads_share_a_round_and_need_a_majority()
    {
        CoreDriver leader = Ready([1, 2, 3, 4, 5]);
        ulong[] asked = new ulong[3];
        for (int i = 0; i < asked.Length; i++)
        {
            Assert.That(leader.Core.TryReadIndex(out asked[i]));
        }

        List<RaftMessage> sent = leader.Drain();
        Assert.That(sent.Select(m => m.Type), Is.EqualTo(Enumerable.Repeat(RaftMessageType.Heartbeat, 4)));
        Confirm(leader, 2, sent[0].Context);
        Confirm(leader, 2, sent[0].Context);
        Assert.That(leader.Reads, Is.Empty, "two of five");
        Confirm(leader, 5, sent[0].Context);
        Assert.That(leader.Reads.Select(r => r.Id), Is.EqualTo(asked));
    }

    [Test(Description = "etcd issue 20418: a process that is stopped and goes on must not serve reads by answers to questions asked before them.")]
    public void A_paused_leader_does_not_serve_a_read_by_what_it_asked_before_the_pause()
    {
        CoreDriver leader = Ready(s_three);
        Assert.That(leader.Core.TryReadIndex(out _));
        ulong oldRound = leader.Drain()[0].Context;

        // Stopped here. The others elect node 2, which commits more. Then the process goes on: first come the new read and the old answers,
        // which lay in the socket, and many ticks; of the new term nothing is known yet.
        leader.Core.TryReadIndex(out ulong read);
        List<RaftMessage> sent = leader.Drain();
        Confirm(leader, 2, oldRound);
        Confirm(leader, 3, oldRound);
        Assert.That(leader.Reads.Select(r => r.Id), Does.Not.Contain(read));
        for (int i = 0; i < 9; i++)
        {
            leader.Core.Tick();
            Confirm(leader, 2, oldRound);
        }

        Assert.That(leader.Reads.Select(r => r.Id), Does.Not.Contain(read), "however many answers to old rounds come");
        Assert.That(sent[0].Context, Is.GreaterThan(oldRound));
        leader.Step(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, From = 2, Term = 7 });
        Assert.That(leader.Core.Role, Is.EqualTo(RaftRole.Follower));
        Confirm(leader, 2, sent[0].Context);
        Assert.That(leader.Reads.Select(r => r.Id), Does.Not.Contain(read), "it leads no more");
    }

    [Test(Description = "etcd issue 20418, its other half: a question asked again is another question.")]
    public void Ids_of_reads_never_come_twice_not_even_after_a_restart()
    {
        HashSet<ulong> ids = [];
        for (int start = 0; start < 50; start++)
        {
            CoreDriver driver = new(new RaftCoreOptions { NodeId = 1, Membership = new RaftMembership([1]), Seed = start });
            driver.Core.Campaign();
            driver.Drain();
            for (int i = 0; i < 20; i++)
            {
                Assert.That(driver.Core.TryReadIndex(out ulong id) && ids.Add(id));
            }
        }
    }

    [Test]
    public void A_round_that_was_never_asked_confirms_nothing_later()
    {
        CoreDriver leader = Ready(s_three);
        Confirm(leader, 2, ulong.MaxValue);
        Assert.That(leader.Core.TryReadIndex(out _));
        leader.Drain();
        Assert.That(leader.Reads, Is.Empty);
    }

    [Test(Description = "§6.4.1: followers ask the leader for the index, and then wait until they have applied it.")]
    public void A_follower_asks_the_leader()
    {
        CoreDriver follower = new(2, s_three, new HardState(1, 0, 0));
        Assert.That(follower.Core.TryReadIndex(out _), Is.False, "no leader is known");
        follower.Step(new RaftMessage { Type = RaftMessageType.Heartbeat, From = 1, Term = 1 });
        Assert.That(follower.Core.TryReadIndex(out ulong read));
        RaftMessage asked = follower.Drain().Single();
        CoreDriver leader = Ready(s_three);
        List<RaftMessage> sent = leader.Step(asked);
        RaftMessage answer = Confirm(leader, 3, sent[0].Context).Single();
        Assert.That((answer.Type, answer.To), Is.EqualTo((RaftMessageType.ReadIndexResponse, 2ul)));
        follower.Step(answer);
        Assert.That(follower.Reads, Is.EqualTo(new[] { new RaftRead(read, 1) }));
    }

    [Test]
    public void A_sole_voter_serves_at_once()
    {
        CoreDriver single = new(1, [1]);
        single.Core.Campaign();
        single.Drain();
        Assert.That(single.Core.TryReadIndex(out ulong read));
        single.Drain();
        Assert.That(single.Reads, Is.EqualTo(new[] { new RaftRead(read, 1) }));
    }

    private static CoreDriver Ready(ulong[] voters)
    {
        CoreDriver leader = new(1, voters);
        leader.ElectLeader();
        foreach (ulong voter in voters[1..])
        {
            leader.Acknowledge(voter);
        }

        return leader;
    }

    private static List<RaftMessage> Confirm(CoreDriver leader, ulong from, ulong round) => leader.Step(
        new RaftMessage { Type = RaftMessageType.HeartbeatResponse, From = from, Term = 1, Context = round });
}
