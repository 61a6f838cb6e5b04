namespace SwarmNet.Raft.Tests;

/// <summary>PreVote, the leader's check of its quorum, leadership transfer. Sentences are from the thesis.</summary>
public class ElectionTests
{
    private static readonly ulong[] s_three = [1, 2, 3];

    [Test(Description = "§9.6: a candidate only increments its term if it first learns from a majority that they would be willing to grant it their votes.")]
    public void A_pre_candidate_asks_first_and_keeps_its_term()
    {
        CoreDriver driver = new(1, s_three, new HardState(4, 0, 0), (2, 1));
        driver.Core.Campaign();
        List<RaftMessage> sent = driver.Drain();
        Assert.That(sent.Select(m => (m.Type, m.To, m.Term, m.LogIndex, m.LogTerm)), Is.EqualTo(new[]
        {
            (RaftMessageType.PreVote, 2ul, 4ul, 1ul, 2ul), (RaftMessageType.PreVote, 3ul, 4ul, 1ul, 2ul),
        }));
        Assert.That((driver.Core.Role, driver.Core.Term), Is.EqualTo((RaftRole.PreCandidate, 4ul)));
        Assert.That(driver.Persisted.Any(p => p.MustSync), Is.False);
        driver.Step(new RaftMessage { Type = RaftMessageType.PreVoteResponse, From = 2, Term = 3, Context = 4 });
        Assert.That((driver.Core.Role, driver.Core.Term), Is.EqualTo((RaftRole.Candidate, 5ul)), "the answer may come from an older term");
    }

    [Test]
    public void A_pre_vote_of_another_term_or_a_second_one_of_a_voter_does_not_count()
    {
        CoreDriver driver = new(1, [1, 2, 3, 4, 5], new HardState(4, 0, 0));
        driver.Core.Campaign();
        driver.Drain();
        driver.Step(new RaftMessage { Type = RaftMessageType.PreVoteResponse, From = 2, Term = 4, Context = 3 });
        driver.Step(new RaftMessage { Type = RaftMessageType.PreVoteResponse, From = 3, Term = 4, Context = 4 });
        driver.Step(new RaftMessage { Type = RaftMessageType.PreVoteResponse, From = 3, Term = 4, Context = 4 });
        Assert.That(driver.Core.Role, Is.EqualTo(RaftRole.PreCandidate));
        driver.Step(new RaftMessage { Type = RaftMessageType.PreVoteResponse, From = 5, Term = 6, Context = 4, Reject = true });
        Assert.That((driver.Core.Role, driver.Core.Term), Is.EqualTo((RaftRole.Follower, 6ul)), "a refusal tells the newer term");
    }

    [Test(Description = "§9.6: servers grant only if the log is up to date and they have not heard from a valid leader for at least a baseline election timeout.")]
    public void A_pre_vote_is_granted_by_who_hears_no_leader_to_an_up_to_date_log()
    {
        CoreDriver driver = new(1, s_three, new HardState(4, 0, 0), (4, 1));
        Assert.That(PreVote(driver, term: 4, index: 1, logTerm: 4), Is.True);
        Assert.That(PreVote(driver, term: 4, index: 9, logTerm: 3), Is.False, "an older log");
        Assert.That(PreVote(driver, term: 3, index: 9, logTerm: 9), Is.False, "an older term");
        Assert.That(PreVote(driver, term: 9, index: 1, logTerm: 4), Is.True);
        Assert.That(driver.Core.Term, Is.EqualTo(4), "the question changes no term");
        driver.Step(new RaftMessage { Type = RaftMessageType.Heartbeat, From = 2, Term = 4 });
        Assert.That(PreVote(driver, term: 4, index: 1, logTerm: 4), Is.False, "it hears a leader");
        for (int i = 0; i < 10; i++)
        {
            driver.Core.Tick();
        }

        driver.Drain();
        Assert.That(PreVote(driver, term: 4, index: 1, logTerm: 4), Is.True, "it does not any more");
    }

    [Test(Description = "Paper §6: if a server receives a RequestVote RPC within the minimum election timeout of hearing from a current leader, it does not update its term or grant its vote.")]
    public void Who_hears_a_leader_ignores_candidates_unless_the_leader_sent_them()
    {
        CoreDriver follower = new(1, s_three, new HardState(4, 0, 0));
        follower.Step(new RaftMessage { Type = RaftMessageType.Heartbeat, From = 2, Term = 4 });
        RaftMessage request = new() { Type = RaftMessageType.RequestVote, From = 3, Term = 9, LogIndex = 9, LogTerm = 9 };
        Assert.That(follower.Step(request), Is.Empty);
        Assert.That(follower.Core.Term, Is.EqualTo(4));
        Assert.That(follower.Step(request with { Transfer = true }).Single().Reject, Is.False);
        CoreDriver leader = new(1, s_three);
        leader.ElectLeader();
        Assert.That(leader.Step(request), Is.Empty);
        Assert.That(leader.Core.Role, Is.EqualTo(RaftRole.Leader));
    }

    [Test]
    public void A_follower_whose_leader_is_said_to_be_gone_campaigns_soon_and_a_message_of_the_leader_undoes_it()
    {
        CoreDriver follower = new(1, s_three, new HardState(4, 0, 0), (4, 1));
        RaftMessage heartbeat = new() { Type = RaftMessageType.Heartbeat, From = 2, Term = 4 };
        follower.Step(heartbeat);
        follower.Core.PeerUnreachable(3);
        Assert.That(follower.Core.LeaderId, Is.EqualTo(2), "not the leader");
        Assert.That(PreVote(follower, term: 4, index: 1, logTerm: 4), Is.False);
        follower.Core.PeerUnreachable(2);
        Assert.That((follower.Core.LeaderId, follower.Core.Role, follower.Core.Term), Is.EqualTo((0ul, RaftRole.Follower, 4ul)));
        Assert.That(PreVote(follower, term: 4, index: 1, logTerm: 4), Is.True, "it hears nobody");
        int ticks = 0;
        for (; follower.Core.Role == RaftRole.Follower; ticks++)
        {
            follower.Core.Tick();
        }

        Assert.That(ticks, Is.InRange(1, 3));
        Assert.That((follower.Core.Role, follower.Core.Term), Is.EqualTo((RaftRole.PreCandidate, 4ul)), "it asks first");
        follower.Step(heartbeat);
        Assert.That((follower.Core.LeaderId, follower.Core.Role, follower.Core.Term), Is.EqualTo((2ul, RaftRole.Follower, 4ul)), "a wrong hint");
        CoreDriver leader = new(1, s_three);
        leader.ElectLeader();
        leader.Core.PeerUnreachable(1);
        leader.Core.PeerUnreachable(2);
        Assert.That((leader.Core.LeaderId, leader.Core.Role), Is.EqualTo((1ul, RaftRole.Leader)));
    }

    [Test]
    public void After_a_hint_not_all_campaign_at_once()
    {
        HashSet<int> delays = [];
        for (int seed = 0; seed < 50; seed++)
        {
            CoreDriver follower = new(new RaftCoreOptions { NodeId = 1, Membership = new RaftMembership(s_three), Seed = seed });
            follower.Step(new RaftMessage { Type = RaftMessageType.Heartbeat, From = 2, Term = 4 });
            follower.Core.PeerUnreachable(2);
            int ticks = 0;
            for (; follower.Core.Role == RaftRole.Follower; ticks++)
            {
                follower.Core.Tick();
            }

            delays.Add(ticks);
        }

        Assert.That(delays, Is.EquivalentTo(new[] { 1, 2, 3 }));
    }

    [Test(Description = "A leader asks who is there to hand over to: the moment after it counted its quorum is no exception.")]
    public void Who_answers_is_active_at_every_tick_and_who_does_not_for_at_most_two_timeouts()
    {
        CoreDriver leader = new(1, [1, 2, 3]);
        leader.ElectLeader();
        List<RaftPeerProgress> progress = [];
        for (int i = 0; i < 40; i++)
        {
            leader.Step(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, From = 2, Term = 1 });
            leader.Step(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, From = 3, Term = 1 });
            leader.Core.Tick();
            progress.Clear();
            leader.Core.CopyProgress(progress);
            Assert.That(progress.Select(peer => peer.IsActive), Is.All.True, $"tick {i}");
        }

        int ticks = 0;
        for (bool isActive = true; isActive; ticks++)
        {
            leader.Step(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, From = 2, Term = 1 });
            leader.Core.Tick();
            progress.Clear();
            leader.Core.CopyProgress(progress);
            isActive = progress.Single(peer => peer.NodeId == 3).IsActive;
        }

        Assert.That(ticks, Is.InRange(10, 20));
    }

    [Test(Description = "§6.2: a leader steps down if an election timeout elapses without a successful round of heartbeats to a majority of its cluster.")]
    public void A_leader_that_hears_no_majority_steps_down_within_two_timeouts()
    {
        CoreDriver leader = new(1, [1, 2, 3, 4, 5]);
        leader.ElectLeader();
        for (int i = 0; i < 40; i++)
        {
            leader.Core.Tick();
            leader.Step(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, From = 2, Term = 1 });
            leader.Step(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, From = 3, Term = 1 });
        }

        Assert.That(leader.Core.Role, Is.EqualTo(RaftRole.Leader));
        int ticks = 0;
        for (; leader.Core.Role == RaftRole.Leader; ticks++)
        {
            leader.Core.Tick();
            leader.Step(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, From = 2, Term = 1 });
        }

        Assert.That(ticks, Is.InRange(10, 20));
        Assert.That((leader.Core.Term, leader.Core.LeaderId), Is.EqualTo((1ul, 0ul)));
    }

    [Test(Description = "§3.10: the prior leader stops accepting new client requests, brings the target up to date, and sends a TimeoutNow request.")]
    public void Leadership_goes_to_an_up_to_date_voter()
    {
        CoreDriver leader = new(1, s_three);
        leader.ElectLeader();
        Assert.That(leader.Core.TryTransferLeadership(9), Is.False);
        Assert.That(leader.Core.TryTransferLeadership(1), Is.False);
        Assert.That(leader.Core.TryTransferLeadership(3));
        Assert.That(leader.Drain(), Is.Empty, "it lags");
        Assert.That(leader.Core.Propose(new byte[1], out _), Is.EqualTo(ProposeStatus.Transferring));
        Assert.That(leader.Acknowledge(3).Count(m => m is { Type: RaftMessageType.TimeoutNow, To: 3 }), Is.EqualTo(1));
        CoreDriver target = new(3, s_three, new HardState(1, 0, 0), (1, 1));
        target.Step(new RaftMessage { Type = RaftMessageType.Heartbeat, From = 1, Term = 1 });
        List<RaftMessage> sent = target.Step(new RaftMessage { Type = RaftMessageType.TimeoutNow, From = 1, Term = 1 });
        Assert.That(sent.Select(m => (m.Type, m.Term, m.Transfer)), Is.All.EqualTo((RaftMessageType.RequestVote, 2ul, true)));
        leader.Step(sent.Single(m => m.To == 1));
        Assert.That((leader.Core.Role, leader.Core.Term), Is.EqualTo((RaftRole.Follower, 2ul)));
    }

    [Test(Description = "§3.10: If leadership transfer does not complete after about an election timeout, the prior leader aborts the transfer.")]
    public void A_transfer_that_does_not_come_about_is_given_up()
    {
        CoreDriver leader = new(1, s_three);
        leader.ElectLeader();
        Assert.That(leader.Core.TryTransferLeadership(3));
        for (int i = 0; i < 10; i++)
        {
            leader.Core.Tick();
            leader.Step(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, From = 2, Term = 1 });
        }

        Assert.That(leader.Core.Propose(new byte[1], out _), Is.EqualTo(ProposeStatus.Accepted));
    }

    [Test(Description = "§3.8: Raft servers must persist their current term and vote to avoid giving two votes in a term. A candidate's own vote is one, also where it is the only one.")]
    public void A_sole_voter_leads_only_once_its_vote_is_durable()
    {
        CoreDriver driver = new(1, [1], new HardState(15, 0, 0), (15, 1));
        driver.Core.Campaign();
        Assert.That(driver.Core.Role, Is.EqualTo(RaftRole.Candidate));
        Assert.That(driver.Core.TryGetReady(out RaftReady? ready));
        Assert.That((ready!.HardState.Term, ready.HardState.Vote, ready.Entries.Count), Is.EqualTo((16ul, 1ul, 0)), "a crash here leaves no entry of term 16 behind");
        ulong write = ready.WriteId;
        driver.Core.AdvanceWriting();
        Assert.That(driver.Core.Propose(new byte[1], out _), Is.EqualTo(ProposeStatus.NotLeader));
        Assert.That(driver.Core.TryReadIndex(out _), Is.False);
        driver.Core.Persisted(write);
        Assert.That(driver.Core.Role, Is.EqualTo(RaftRole.Leader));
        driver.Drain();
        Assert.That((driver.Core.CommitIndex, driver.Core.LastIndex), Is.EqualTo((2ul, 2ul)));
    }

    [Test]
    public void A_vote_of_a_write_that_was_under_way_does_not_count_in_the_next_term()
    {
        CoreDriver driver = new(1, [1], new HardState(15, 0, 0), (15, 1));
        driver.Core.Campaign();
        driver.Core.TryGetReady(out RaftReady? ready);
        ulong first = ready!.WriteId;
        driver.Core.AdvanceWriting();
        driver.Core.Campaign();
        driver.Core.TryGetReady(out ready);
        ulong second = ready!.WriteId;
        driver.Core.AdvanceWriting();
        driver.Core.Persisted(first);
        Assert.That((driver.Core.Role, driver.Core.Term), Is.EqualTo((RaftRole.Candidate, 17ul)));
        driver.Core.Persisted(second);
        Assert.That((driver.Core.Role, driver.Core.Term), Is.EqualTo((RaftRole.Leader, 17ul)));
    }

    private static bool PreVote(CoreDriver driver, ulong term, ulong index, ulong logTerm)
    {
        RaftMessage answer = driver.Step(new RaftMessage
        {
            Type = RaftMessageType.PreVote,
            From = 3,
            Term = term,
            LogIndex = index,
            LogTerm = logTerm,
        }).Single();
        Assert.That((answer.Type, answer.Context), Is.EqualTo((RaftMessageType.PreVoteResponse, term)));
        return !answer.Reject;
    }
}
