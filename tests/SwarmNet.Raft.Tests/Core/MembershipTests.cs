namespace SwarmNet.Raft.Tests;

/// <summary>Raft paper §6, cluster membership changes by joint consensus.</summary>
public class MembershipTests
{
    private static readonly MembershipChange[] s_replaceOne = [new(MembershipChangeType.AddVoter, 4), new(MembershipChangeType.Remove, 1)];

    [Test]
    public void A_membership_comes_back_from_its_bytes_and_hostile_bytes_are_refused()
    {
        RaftMembership joint = new RaftMembership([3, 1, 2], [9]).Change(
            [new(MembershipChangeType.AddVoter, 4), new(MembershipChangeType.AddLearner, 1)], out _)!;
        Assert.That(joint.ToString(), Is.EqualTo("voters 2 3 4, outgoing 1 2 3, learners 9, next learners 1"));
        byte[] bytes = joint.ToBytes();
        Assert.That(RaftMembership.TryParse(bytes, out RaftMembership parsed) && parsed.Equals(joint));
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.That(RaftMembership.TryParse(bytes.AsSpan(0, length), out _), Is.False);
        }

        Assert.That(RaftMembership.TryParse([.. bytes, 0], out _), Is.False);
        Assert.That(joint.Leave().ToString(), Is.EqualTo("voters 2 3 4, learners 1 9"));
    }

    [TestCase(MembershipChangeType.AddVoter, 2ul, "is that already")]
    [TestCase(MembershipChangeType.AddLearner, 9ul, "is that already")]
    [TestCase(MembershipChangeType.Remove, 7ul, "is no member")]
    [TestCase(MembershipChangeType.AddVoter, 0ul, "0 is no node id")]
    public void A_change_without_sense_is_refused_in_words(MembershipChangeType type, ulong id, string words)
    {
        Assert.That(new RaftMembership([1, 2], [9]).Change([new(type, id)], out string? problem), Is.Null);
        Assert.That(problem, Does.Contain(words));
    }

    [Test]
    public void The_last_voter_stays_and_each_member_is_named_once()
    {
        Assert.That(new RaftMembership([1]).Change([new(MembershipChangeType.Remove, 1)], out string? last), Is.Null);
        Assert.That(last, Does.Contain("No voter would be left"));
        Assert.That(new RaftMembership([1]).Change([new(MembershipChangeType.AddVoter, 2), new(MembershipChangeType.Remove, 2)], out string? twice), Is.Null);
        Assert.That(twice, Does.Contain("named twice"));
        Assert.That(new RaftMembership([1]).Change([], out string? none), Is.Null);
        Assert.That(none, Does.Contain("no change"));
    }

    [Test(Description = "Agreement (for elections and entry commitment) requires separate majorities from both the old and new configurations.")]
    public void A_joint_membership_needs_both_majorities()
    {
        CoreDriver leader = Leader([1, 2, 3]);
        Change(leader, [new(MembershipChangeType.AddVoter, 4), new(MembershipChangeType.AddVoter, 5), new(MembershipChangeType.AddVoter, 6)]);
        Assert.That(leader.Core.Membership.ToString(), Is.EqualTo("voters 1 2 3 4 5 6, outgoing 1 2 3"), "in force as soon as it is in the log");
        leader.Acknowledge(4);
        leader.Acknowledge(5);
        leader.Acknowledge(6);
        Assert.That(leader.Core.CommitIndex, Is.EqualTo(1), "the new majority alone");
        leader.Acknowledge(2);
        Assert.That(leader.Core.CommitIndex, Is.EqualTo(2), "and the old one");
        Assert.That(leader.Core.Membership.IsJoint, Is.False, "the leader ends the joint phase by itself");
        CoreDriver candidate = new(1, leader.Core.MembershipAt(2));
        candidate.BecomeCandidate();
        foreach (ulong from in new ulong[] { 4, 5, 6 })
        {
            candidate.Step(new RaftMessage { Type = RaftMessageType.RequestVoteResponse, From = from, Term = candidate.Core.Term });
        }

        Assert.That(candidate.Core.Role, Is.EqualTo(RaftRole.Candidate));
        candidate.Step(new RaftMessage { Type = RaftMessageType.RequestVoteResponse, From = 3, Term = candidate.Core.Term });
        Assert.That(candidate.Core.Role, Is.EqualTo(RaftRole.Leader));
    }

    [Test(Description = "The leader steps down once it has committed the C-new log entry, and does not count itself while it manages a cluster without itself.")]
    public void A_leader_that_removes_itself_hands_over()
    {
        CoreDriver leader = Leader([1, 2, 3]);
        Change(leader, s_replaceOne);
        leader.Acknowledge(2);
        leader.Acknowledge(4);
        Assert.That(leader.Core.Membership.ToString(), Is.EqualTo("voters 2 3 4"));
        Assert.That((leader.Core.Role, leader.Core.CommitIndex), Is.EqualTo((RaftRole.Leader, 2ul)));
        leader.Acknowledge(2);
        Assert.That(leader.Core.CommitIndex, Is.EqualTo(2), "2 alone of 2, 3, 4");
        List<RaftMessage> sent = leader.Acknowledge(4);
        Assert.That((leader.Core.Role, leader.Core.CommitIndex), Is.EqualTo((RaftRole.Follower, 3ul)));
        Assert.That(sent.Count(m => m.Type == RaftMessageType.TimeoutNow && m.To is 2 or 4), Is.EqualTo(1));
        Assert.That(sent.Where(m => m.Type == RaftMessageType.AppendEntries).Select(m => m.Commit), Is.All.EqualTo(3), "the others learn of the commit");
        Assert.That(sent, Is.Not.Empty);
    }

    [Test]
    public void One_change_at_a_time_and_not_before_the_first_commit_of_the_term()
    {
        CoreDriver leader = new(1, [1, 2, 3]);
        leader.ElectLeader();
        Assert.That(leader.Core.ProposeMembership(s_replaceOne, out _, out _), Is.EqualTo(ProposeStatus.MembershipPending));
        leader.Acknowledge(2);
        Assert.That(leader.Core.ProposeMembership([new(MembershipChangeType.Remove, 9)], out _, out string? problem), Is.EqualTo(ProposeStatus.Invalid));
        Assert.That(problem, Does.Contain("no member"));
        Change(leader, s_replaceOne);
        Assert.That(leader.Core.ProposeMembership(s_replaceOne, out _, out _), Is.EqualTo(ProposeStatus.MembershipPending));
        Assert.That(new CoreDriver(2, [1, 2, 3]).Core.ProposeMembership(s_replaceOne, out _, out _), Is.EqualTo(ProposeStatus.NotLeader));
    }

    [Test(Description = "Thesis §4.2.1: learners get entries but are not counted in majorities for voting or commitment.")]
    public void Learners_get_the_log_and_do_not_count()
    {
        CoreDriver leader = Leader([1, 2, 3]);
        Change(leader, [new(MembershipChangeType.AddLearner, 4), new(MembershipChangeType.AddLearner, 5)]);
        Assert.That(leader.Core.Membership.IsJoint, Is.False);
        leader.Acknowledge(4);
        leader.Acknowledge(5);
        Assert.That(leader.Core.CommitIndex, Is.EqualTo(1));
        leader.Acknowledge(3);
        Assert.That(leader.Core.CommitIndex, Is.EqualTo(2));
        List<RaftPeerProgress> progress = [];
        leader.Core.CopyProgress(progress);
        Assert.That(progress.Where(p => p.IsLearner).Select(p => (p.NodeId, p.MatchIndex)), Is.EqualTo(new[] { (4ul, 2ul), (5ul, 2ul) }));
        CoreDriver learner = new(4, leader.Core.Membership);
        learner.Core.Campaign();
        Assert.That(learner.Core.Role, Is.EqualTo(RaftRole.Follower));
    }

    [Test(Description = "A server always uses the latest configuration in its log, regardless of whether the entry is committed; if it is removed again, the one before.")]
    public void A_membership_that_is_overwritten_is_out_of_force()
    {
        CoreDriver follower = new(2, [1, 2, 3]);
        RaftMembership changed = new([1, 2, 3], [7]);
        RaftMessage append = new()
        {
            Type = RaftMessageType.AppendEntries,
            From = 1,
            Term = 1,
            Entries = new LogEntry[] { new(1, 1, EntryType.Membership, changed.ToBytes()) },
        };
        follower.Step(append);
        Assert.That(follower.Core.Membership, Is.EqualTo(changed));
        follower.Step(append with { From = 3, Term = 2, Entries = new LogEntry[] { new(2, 1, EntryType.Noop, default) } });
        Assert.That(follower.Core.Membership, Is.EqualTo(new RaftMembership([1, 2, 3])));
        Assert.That(follower.Step(append with { From = 3, Term = 2, LogIndex = 1, LogTerm = 2, Entries = new LogEntry[] { new(2, 2, EntryType.Membership, new byte[] { 9 }) } }),
            Is.Empty, "bytes that are no membership are not taken");
    }

    [Test(Description = "Thesis §4.2.2: a server that is not part of its own latest configuration should still start new elections, until C-new is committed.")]
    public void Who_is_removed_by_an_entry_that_is_not_committed_still_campaigns()
    {
        RaftMembership without = new([2, 3]);
        CoreDriver removed = new(new RaftCoreOptions
        {
            NodeId = 1,
            Membership = new RaftMembership([1, 2, 3]),
            Seed = 1,
            HardState = new HardState(1, 0, 0),
            Entries = [new LogEntry(1, 1, EntryType.Membership, without.ToBytes())],
        });
        removed.BecomeCandidate();
        removed.Step(new RaftMessage { Type = RaftMessageType.RequestVoteResponse, From = 2, Term = 2 });
        Assert.That(removed.Core.Role, Is.EqualTo(RaftRole.Candidate), "its own vote does not count");
        removed.Step(new RaftMessage { Type = RaftMessageType.RequestVoteResponse, From = 3, Term = 2 });
        Assert.That(removed.Core.Role, Is.EqualTo(RaftRole.Leader));
        removed.Acknowledge(2);
        removed.Acknowledge(3);
        Assert.That(removed.Core.Role, Is.EqualTo(RaftRole.Follower));
        removed.Core.Campaign();
        Assert.That(removed.Core.Role, Is.EqualTo(RaftRole.Follower), "now it is out");
    }

    private static CoreDriver Leader(ulong[] voters)
    {
        CoreDriver leader = new(1, voters);
        leader.ElectLeader();
        leader.Acknowledge(voters[1]);
        return leader;
    }

    private static void Change(CoreDriver leader, MembershipChange[] changes)
    {
        Assert.That(leader.Core.ProposeMembership(changes, out _, out string? problem), Is.EqualTo(ProposeStatus.Accepted), problem);
        leader.Drain();
    }
}
