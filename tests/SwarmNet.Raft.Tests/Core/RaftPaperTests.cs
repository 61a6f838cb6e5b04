namespace SwarmNet.Raft.Tests;

/// <summary>One test per sentence of the Raft paper (extended version).</summary>
public class RaftPaperTests
{
    private static readonly ulong[] s_three = [1, 2, 3];

    [Test(Description = "§5.1: If one server's current term is smaller than the other's, then it updates its current term to the larger value.")]
    [TestCase(RaftMessageType.AppendEntries)]
    [TestCase(RaftMessageType.InstallSnapshot)]
    [TestCase(RaftMessageType.RequestVoteResponse)]
    [TestCase(RaftMessageType.HeartbeatResponse)]
    public void A_larger_term_is_taken_over_and_a_leader_steps_down(RaftMessageType type)
    {
        CoreDriver driver = new(1, s_three);
        driver.ElectLeader();
        driver.Step(new RaftMessage { Type = type, From = 2, Term = 9 });
        Assert.That(driver.Core.Term, Is.EqualTo(9));
        Assert.That(driver.Core.Role, Is.EqualTo(RaftRole.Follower));
        Assert.That(driver.Persisted[^1], Is.EqualTo((driver.Persisted[^1].State with { Term = 9 }, true)), "the term is persisted first");
    }

    [Test(Description = "§5.1: If a server receives a request with a stale term number, it rejects the request.")]
    public void A_stale_request_is_rejected_with_the_current_term()
    {
        CoreDriver driver = new(1, s_three, new HardState(5, 0, 0));
        foreach (RaftMessageType type in new[] { RaftMessageType.AppendEntries, RaftMessageType.RequestVote })
        {
            RaftMessage answer = driver.Step(new RaftMessage { Type = type, From = 2, Term = 4, LogIndex = 99, LogTerm = 99 }).Single();
            Assert.That((answer.Reject, answer.Term, answer.To), Is.EqualTo((true, 5ul, 2ul)));
        }
    }

    [Test(Description = "§5.2: When servers start up, they begin as followers.")]
    public void It_starts_as_a_follower() => Assert.That(new CoreDriver(1, s_three).Core.Role, Is.EqualTo(RaftRole.Follower));

    [Test(Description = "§5.2: If a follower receives no communication over a period of time called the election timeout, it begins an election.")]
    public void Without_a_leader_it_campaigns_within_one_to_two_election_timeouts()
    {
        HashSet<int> timeouts = [];
        for (int seed = 0; seed < 50; seed++)
        {
            RaftCore core = new(new RaftCoreOptions { NodeId = 1, Membership = new RaftMembership(s_three), Seed = seed, ElectionTicks = 10 });
            int ticks = 0;
            while (core.Role == RaftRole.Follower)
            {
                core.Tick();
                ticks++;
            }

            timeouts.Add(ticks);
            Assert.That(ticks, Is.InRange(10, 19));
        }

        Assert.That(timeouts, Has.Count.GreaterThan(5), "timeouts are randomised");
    }

    [Test(Description = "§5.2: a follower increments its current term and transitions to candidate state, votes for itself and issues RequestVote RPCs.")]
    public void A_candidate_votes_for_itself_durably_and_asks_all_others()
    {
        CoreDriver driver = new(1, s_three, new HardState(4, 0, 0), (2, 1), (3, 2));
        List<RaftMessage> sent = driver.BecomeCandidate();
        Assert.That(driver.Persisted.Single(p => p.MustSync), Is.EqualTo((new HardState(5, 1, 0), true)));
        Assert.That(sent.Select(m => (m.Type, m.To, m.Term, m.LogIndex, m.LogTerm)), Is.EquivalentTo(new[]
        {
            (RaftMessageType.RequestVote, 2ul, 5ul, 2ul, 3ul), (RaftMessageType.RequestVote, 3ul, 5ul, 2ul, 3ul),
        }));
    }

    [Test(Description = "§5.2: A candidate wins an election if it receives votes from a majority of the servers in the full cluster.")]
    [TestCase(3, new ulong[] { 2 }, new ulong[0], RaftRole.Leader)]
    [TestCase(3, new ulong[0], new ulong[] { 2 }, RaftRole.Candidate)]
    [TestCase(3, new ulong[0], new ulong[] { 2, 3 }, RaftRole.Follower)]
    [TestCase(5, new ulong[] { 2 }, new ulong[] { 3 }, RaftRole.Candidate)]
    [TestCase(5, new ulong[] { 2, 4 }, new ulong[] { 3 }, RaftRole.Leader)]
    [TestCase(5, new ulong[] { 2, 2, 2 }, new ulong[0], RaftRole.Candidate)]
    [TestCase(3, new ulong[] { 9 }, new ulong[0], RaftRole.Candidate)]
    [TestCase(4, new ulong[] { 2 }, new ulong[0], RaftRole.Candidate)]
    public void A_majority_of_votes_decides(int size, ulong[] granted, ulong[] rejected, RaftRole expected)
    {
        CoreDriver driver = new(1, [.. Enumerable.Range(1, size).Select(i => (ulong)i)]);
        driver.BecomeCandidate();
        foreach (ulong from in granted)
        {
            driver.Step(new RaftMessage { Type = RaftMessageType.RequestVoteResponse, From = from, Term = 1 });
        }

        foreach (ulong from in rejected)
        {
            driver.Step(new RaftMessage { Type = RaftMessageType.RequestVoteResponse, From = from, Term = 1, Reject = true });
        }

        Assert.That(driver.Core.Role, Is.EqualTo(expected));
    }

    [Test(Description = "§5.2: Each server will vote for at most one candidate in a given term, on a first-come-first-served basis.")]
    public void It_votes_once_per_term_also_after_a_restart()
    {
        CoreDriver driver = new(1, s_three);
        Assert.That(Vote(driver, 2, term: 3), Is.True);
        Assert.That(Vote(driver, 3, term: 3), Is.False);
        Assert.That(Vote(driver, 2, term: 3), Is.True, "a repeated request gets the same answer");
        CoreDriver restarted = new(1, s_three, driver.Persisted.Last(p => p.MustSync).State);
        Assert.That(Vote(restarted, 3, term: 3), Is.False);
        Assert.That(Vote(restarted, 3, term: 4), Is.True);
    }

    [Test(Description = "§5.4.1: the voter denies its vote if its own log is more up-to-date than that of the candidate.")]
    [TestCase(3ul, 2ul, true)]
    [TestCase(2ul, 3ul, true)]
    [TestCase(9ul, 1ul, false)]
    [TestCase(1ul, 2ul, false)]
    [TestCase(2ul, 2ul, true)]
    public void The_vote_goes_to_an_up_to_date_log_only(ulong lastIndex, ulong lastTerm, bool granted)
    {
        CoreDriver driver = new(1, s_three, new HardState(2, 0, 0), (1, 1), (2, 2));
        Assert.That(Vote(driver, 2, term: 5, lastIndex, lastTerm), Is.EqualTo(granted));
    }

    [Test(Description = "§5.2: if the leader's term is at least as large as the candidate's, the candidate recognises it and returns to follower state.")]
    public void A_candidate_follows_a_leader_of_its_term()
    {
        CoreDriver driver = new(1, s_three);
        driver.BecomeCandidate();
        driver.Step(new RaftMessage { Type = RaftMessageType.Heartbeat, From = 3, Term = 1 });
        Assert.That((driver.Core.Role, driver.Core.LeaderId), Is.EqualTo((RaftRole.Follower, 3ul)));
    }

    [Test(Description = "§5.2: heartbeats to all followers; §8: a leader commits a blank no-op entry at the start of its term.")]
    public void A_new_leader_appends_a_noop_and_then_sends_heartbeats()
    {
        CoreDriver driver = new(1, s_three, new HardState(1, 0, 0), (1, 1));
        List<RaftMessage> sent = driver.ElectLeader();
        Assert.That(sent.Select(m => (m.Type, m.LogIndex, m.LogTerm, m.Entries.Length)), Is.All.EqualTo((RaftMessageType.AppendEntries, 1ul, 1ul, 1)));
        Assert.That(sent[0].Entries.Span[0], Is.EqualTo(new LogEntry(2, 2, EntryType.Noop, default)));
        driver.Core.Tick();
        Assert.That(driver.Drain().Select(m => (m.Type, m.To)), Is.EqualTo(new[] { (RaftMessageType.Heartbeat, 2ul), (RaftMessageType.Heartbeat, 3ul) }));
    }

    [Test(Description = "§5.3: the follower refuses the new entries unless it has an entry with the same index and term before them.")]
    [TestCase(2ul, 2ul, false)]
    [TestCase(2ul, 1ul, true)]
    [TestCase(3ul, 2ul, true)]
    public void The_consistency_check_of_append_entries(ulong previousIndex, ulong previousTerm, bool reject)
    {
        CoreDriver driver = new(1, s_three, new HardState(2, 0, 0), (1, 1), (2, 2));
        RaftMessage answer = driver.Step(Append(2, previousIndex, previousTerm, 0)).Single();
        Assert.That((answer.Type, answer.Reject), Is.EqualTo((RaftMessageType.AppendEntriesResponse, reject)));
    }

    [Test(Description = "Figure 2: If an existing entry conflicts with a new one, delete the existing entry and all that follow it; append new entries.")]
    public void Conflicting_entries_are_replaced_and_matching_ones_kept()
    {
        CoreDriver driver = new(1, s_three, new HardState(2, 0, 0), (1, 1), (1, 2), (1, 3));
        driver.Step(Append(2, 1, 1, 0, (1, 2)));
        Assert.That(driver.Core.LastIndex, Is.EqualTo(3), "an old, shorter request removes nothing");
        RaftMessage answer = driver.Step(Append(2, 1, 1, 0, (2, 2))).Single();
        Assert.That((driver.Core.LastIndex, answer.LogIndex, answer.Reject), Is.EqualTo((2ul, 2ul, false)));
        Assert.That(driver.Core.TryGetTerm(2, out ulong term) && term == 2);
    }

    [Test(Description = "Figure 2: If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry).")]
    public void The_commit_index_follows_the_leader_up_to_what_it_sent()
    {
        CoreDriver driver = new(1, s_three, new HardState(2, 0, 0), (1, 1), (1, 2), (1, 3));
        driver.Step(Append(2, 0, 0, commit: 3, (1, 1)));
        Assert.That(driver.Core.CommitIndex, Is.EqualTo(1));
        Assert.That(driver.Applied.Select(entry => entry.Index), Is.EqualTo(new[] { 1ul }));
    }

    [Test(Description = "§5.3: A log entry is committed once the leader that created the entry has replicated it on a majority of the servers.")]
    public void A_majority_commits_and_entries_are_applied_in_order()
    {
        CoreDriver driver = new(1, [1, 2, 3, 4, 5]);
        driver.ElectLeader();
        Assert.That(driver.Core.Propose(new byte[] { 7 }, out ulong index), Is.EqualTo(ProposeStatus.Accepted));
        driver.Drain();
        driver.Step(new RaftMessage { Type = RaftMessageType.AppendEntriesResponse, From = 2, Term = 1, LogIndex = 2 });
        Assert.That(driver.Core.CommitIndex, Is.Zero);
        driver.Step(new RaftMessage { Type = RaftMessageType.AppendEntriesResponse, From = 3, Term = 1, LogIndex = 2 });
        Assert.That(driver.Core.CommitIndex, Is.EqualTo(index));
        Assert.That(driver.Applied.Select(entry => (entry.Index, entry.Type)), Is.EqualTo(new[] { (1ul, EntryType.Noop), (2ul, EntryType.Command) }));
    }

    [Test(Description = "§5.4.2: Only log entries from the leader's current term are committed by counting replicas (figure 8).")]
    public void Entries_of_earlier_terms_commit_only_with_one_of_this_term()
    {
        CoreDriver driver = new(1, s_three, new HardState(2, 0, 0), (1, 1), (2, 2));
        driver.ElectLeader();
        driver.Step(new RaftMessage { Type = RaftMessageType.AppendEntriesResponse, From = 2, Term = 3, LogIndex = 2 });
        Assert.That(driver.Core.CommitIndex, Is.Zero);
        driver.Step(new RaftMessage { Type = RaftMessageType.AppendEntriesResponse, From = 2, Term = 3, LogIndex = 3 });
        Assert.That(driver.Core.CommitIndex, Is.EqualTo(3));
    }

    [Test(Description = "§5.3: After a rejection, the leader decrements nextIndex and retries; eventually the logs match.")]
    public void A_rejected_append_backs_off_by_the_hint_until_the_logs_match()
    {
        CoreDriver leader = new(1, s_three, new HardState(4, 0, 0), (1, 1), (1, 2), (4, 3), (4, 4));
        CoreDriver follower = new(2, s_three, new HardState(3, 0, 0), (1, 1), (2, 2), (2, 3), (3, 4), (3, 5));
        Queue<RaftMessage> toFollower = new(leader.ElectLeader().Where(m => m.To == 2));
        int rounds = 0;
        while (toFollower.TryDequeue(out RaftMessage message))
        {
            rounds++;
            foreach (RaftMessage answer in follower.Step(message))
            {
                leader.Step(answer).Where(m => m.To == 2).ToList().ForEach(toFollower.Enqueue);
            }
        }

        Assert.That(rounds, Is.LessThan(6));
        Assert.That(follower.Core.LastIndex, Is.EqualTo(5));
        Assert.That(leader.Core.CommitIndex, Is.EqualTo(5));
        Assert.That(follower.Core.CommitIndex, Is.EqualTo(5));
    }

    [Test(Description = "§7: the leader sends snapshots to followers that lag behind, when it has discarded the next log entry.")]
    public void A_follower_that_needs_compacted_entries_gets_the_snapshot()
    {
        CoreDriver leader = new(1, s_three, new HardState(1, 0, 3), (1, 1), (1, 2), (1, 3));
        leader.Drain();
        leader.Core.SnapshotTaken(3, keepEntries: 0);
        leader.ElectLeader();
        RaftMessage install = leader.Step(new RaftMessage
        {
            Type = RaftMessageType.AppendEntriesResponse,
            From = 3,
            Term = 2,
            LogIndex = 3,
            Reject = true,
            HintIndex = 0,
        }).Single();
        Assert.That((install.Type, install.LogIndex, install.LogTerm), Is.EqualTo((RaftMessageType.InstallSnapshot, 3ul, 1ul)));
        CoreDriver follower = new(3, s_three);
        RaftMessage answer = follower.Step(install with { Snapshot = new RaftSnapshotChunk(3, 1, new RaftMembership(s_three), 0, default, IsLast: true) }).Single();
        Assert.That((answer.Reject, answer.LogIndex, follower.Core.CommitIndex), Is.EqualTo((false, 3ul, 3ul)));
        RaftMessage next = leader.Step(answer).Single();
        Assert.That((next.Type, next.LogIndex, next.Entries.Length), Is.EqualTo((RaftMessageType.AppendEntries, 3ul, 1)));
    }

    [Test]
    public void A_non_voter_never_campaigns_and_a_follower_takes_no_proposals()
    {
        CoreDriver driver = new(9, s_three);
        for (int i = 0; i < 100; i++)
        {
            driver.Core.Tick();
        }

        Assert.That(driver.Core.Role, Is.EqualTo(RaftRole.Follower));
        Assert.That(driver.Core.Propose(new byte[1], out _), Is.EqualTo(ProposeStatus.NotLeader));
        Assert.That(driver.Drain(), Is.Empty);
    }

    [Test]
    public void A_leader_forgets_nothing_that_a_lost_message_carried()
    {
        CoreDriver leader = new(1, s_three);
        leader.ElectLeader();
        CoreDriver follower = new(2, s_three);
        leader.Core.Propose(new byte[] { 1 }, out _);
        leader.Drain();
        for (int i = 0; i < 6; i++)
        {
            leader.Core.Tick();
            Queue<RaftMessage> queue = new(leader.Drain().Where(m => m.To == 2));
            while (queue.TryDequeue(out RaftMessage message))
            {
                foreach (RaftMessage answer in follower.Step(message))
                {
                    leader.Step(answer).Where(m => m.To == 2).ToList().ForEach(queue.Enqueue);
                }
            }
        }

        Assert.That((leader.Core.CommitIndex, follower.Core.CommitIndex), Is.EqualTo((2ul, 2ul)));
    }

    private static bool Vote(CoreDriver driver, ulong candidate, ulong term, ulong lastIndex = 0, ulong lastTerm = 0)
    {
        RaftMessage answer = driver.Step(new RaftMessage
        {
            Type = RaftMessageType.RequestVote,
            From = candidate,
            Term = term,
            LogIndex = lastIndex,
            LogTerm = lastTerm,
        }).Single();
        return !answer.Reject;
    }

    private static RaftMessage Append(ulong term, ulong previousIndex, ulong previousTerm, ulong commit, params (ulong Term, ulong Index)[] entries) => new()
    {
        Type = RaftMessageType.AppendEntries,
        From = 2,
        Term = term,
        LogIndex = previousIndex,
        LogTerm = previousTerm,
        Commit = commit,
        Entries = entries.Select(entry => new LogEntry(entry.Term, entry.Index, EntryType.Command, new byte[] { 1 })).ToArray(),
    };
}
