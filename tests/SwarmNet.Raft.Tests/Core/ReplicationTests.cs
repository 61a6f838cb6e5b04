using System.Buffers;

namespace SwarmNet.Raft.Tests;

/// <summary>The flow of entries and snapshots: windows, pipelining, the leader's disk beside replication, limits.</summary>
public class ReplicationTests
{
    private static readonly ulong[] s_three = [1, 2, 3];

    [Test(Description = "Thesis §10.2.1: the leader writes to its disk in parallel with replicating; it counts itself once its write is durable.")]
    public void A_leader_replicates_while_it_writes_and_counts_itself_afterwards()
    {
        CoreDriver leader = Leader(Options());
        leader.Core.Propose(new byte[1], out ulong index);
        Assert.That(leader.Core.TryGetReady(out RaftReady? ready));
        Assert.That(ready!.ImmediateMessages.Select(m => (m.Type, m.Entries.Length)), Is.EqualTo(new[] { (RaftMessageType.AppendEntries, 1), (RaftMessageType.AppendEntries, 1) }));
        Assert.That((ready.MustSync, ready.Messages.Count), Is.EqualTo((true, 0)));
        ulong write = ready.WriteId;
        leader.Core.AdvanceWriting();
        leader.Core.Step(new RaftMessage { Type = RaftMessageType.AppendEntriesResponse, From = 2, To = 1, Term = 1, LogIndex = index });
        Assert.That(leader.Core.CommitIndex, Is.EqualTo(index - 1), "one of three disks");
        leader.Core.Persisted(write);
        Assert.That(leader.Core.CommitIndex, Is.EqualTo(index));
    }

    [Test]
    public void Two_followers_commit_without_the_leaders_disk_but_it_applies_only_what_it_has()
    {
        CoreDriver leader = Leader(Options());
        leader.Core.Propose(new byte[1], out ulong index);
        leader.Core.TryGetReady(out RaftReady? ready);
        ulong write = ready!.WriteId;
        leader.Core.AdvanceWriting();
        foreach (ulong from in new ulong[] { 2, 3 })
        {
            leader.Core.Step(new RaftMessage { Type = RaftMessageType.AppendEntriesResponse, From = from, To = 1, Term = 1, LogIndex = index });
        }

        Assert.That(leader.Core.CommitIndex, Is.EqualTo(index));
        Assert.That(leader.Core.TryGetReady(out ready) && ready.CommittedEntries.Count == 0);
        leader.Core.AdvanceWriting();
        leader.Core.Persisted(write);
        Assert.That(leader.Core.TryGetReady(out ready) && ready.CommittedEntries.Single().Index == index);
    }

    [Test]
    public void A_write_that_ends_late_makes_nothing_durable_that_replaced_it()
    {
        CoreDriver follower = new(2, s_three);
        ulong first = Append(follower.Core, from: 1, term: 1, 1, 2, 3);
        ulong second = Append(follower.Core, from: 3, term: 2, 1);
        follower.Core.Persisted(first);
        follower.Core.Step(new RaftMessage { Type = RaftMessageType.Heartbeat, From = 3, To = 2, Term = 2, Commit = 1 });
        Assert.That(follower.Core.TryGetReady(out RaftReady? ready) && ready.CommittedEntries.Count == 0, "entry 1 of term 2 is not on disk");
        follower.Core.AdvanceWriting();
        follower.Core.Persisted(second);
        Assert.That(follower.Core.TryGetReady(out ready) && ready.CommittedEntries.Count == 1);
    }

    [Test]
    public void Nothing_leaves_in_a_term_that_is_not_durable()
    {
        CoreDriver driver = new(1, s_three);
        RaftMessage heartbeat = new() { Type = RaftMessageType.Heartbeat, From = 2, To = 1, Term = 1 };
        driver.Core.Step(heartbeat);
        Assert.That(driver.Core.TryGetReady(out RaftReady? ready));
        Assert.That(ready!.ImmediateMessages, Is.Empty);
        Assert.That(ready.Messages.Single().Type, Is.EqualTo(RaftMessageType.HeartbeatResponse), "after the write of the new term");
        ulong write = ready.WriteId;
        driver.Core.AdvanceWriting();
        driver.Core.Step(heartbeat);
        Assert.That(driver.Core.TryGetReady(out ready));
        Assert.That((ready!.ImmediateMessages.Count, ready.Messages.Count), Is.EqualTo((0, 1)), "the write is still under way");
        driver.Core.AdvanceWriting();
        driver.Core.Persisted(write);
        driver.Core.Step(heartbeat);
        Assert.That(driver.Core.TryGetReady(out ready));
        Assert.That((ready!.ImmediateMessages.Count, ready.Messages.Count), Is.EqualTo((1, 0)));
    }

    [Test(Description = "Thesis §10.2.1: pipelining, with a bound on what is in flight.")]
    public void The_window_bounds_messages_and_bytes_on_their_way()
    {
        CoreDriver leader = Leader(Options(maxAppendEntries: 1, maxInflightMessages: 3));
        for (int i = 0; i < 10; i++)
        {
            leader.Core.Propose(new byte[1], out _);
        }

        Assert.That(leader.Drain().Count(m => m.To == 2 && m.Entries.Length == 1), Is.EqualTo(3));
        Assert.That(leader.Step(Answer(2, 3)).Count(m => m.To == 2 && m.Entries.Length == 1), Is.EqualTo(2), "two of them arrived");
        leader = Leader(Options(maxAppendEntries: 1, maxInflightBytes: 250));
        for (int i = 0; i < 10; i++)
        {
            leader.Core.Propose(new byte[100], out _);
        }

        Assert.That(leader.Drain().Count(m => m.To == 2 && m.Entries.Length == 1), Is.EqualTo(3));
    }

    [Test]
    public void Proposals_between_two_readys_travel_and_are_written_together()
    {
        CoreDriver leader = Leader(Options());
        for (int i = 0; i < 50; i++)
        {
            leader.Core.Propose(new byte[10], out _);
        }

        Assert.That(leader.Core.TryGetReady(out RaftReady? ready));
        Assert.That(ready!.Entries, Has.Count.EqualTo(50));
        // The ring's end may part them once.
        Assert.That(ready.ImmediateMessages.Count(m => m.To == 2), Is.LessThanOrEqualTo(2));
        Assert.That(ready.ImmediateMessages.Where(m => m.To == 2).Sum(m => m.Entries.Length), Is.EqualTo(50));
    }

    [Test]
    public void What_is_uncommitted_is_bounded_and_the_refusal_is_clear()
    {
        CoreDriver leader = Leader(Options(maxUncommittedBytes: 100));
        Assert.That(leader.Core.Propose(new byte[500], out _), Is.EqualTo(ProposeStatus.Accepted), "alone, any size is taken");
        Assert.That(leader.Core.Propose(new byte[1], out ulong index), Is.EqualTo(ProposeStatus.TooMuchUncommitted));
        Assert.That(index, Is.Zero);
        leader.Drain();
        leader.Acknowledge(2);
        Assert.That(leader.Core.Propose(new byte[60], out _), Is.EqualTo(ProposeStatus.Accepted));
        Assert.That(leader.Core.Propose(new byte[60], out _), Is.EqualTo(ProposeStatus.TooMuchUncommitted));
        Assert.That(leader.Core.Propose(new byte[40], out _), Is.EqualTo(ProposeStatus.Accepted));
    }

    [Test(Description = "Paper §7, figure 13: a snapshot comes in pieces; it goes on where it was when a piece or an answer is lost.")]
    public void A_snapshot_is_streamed_in_pieces_and_resumes()
    {
        byte[] state = [.. Enumerable.Range(0, 10).Select(i => (byte)i)];
        CoreDriver leader = new(1, new RaftMembership(s_three), new HardState(1, 0, 3), (1, 1), (1, 2), (1, 3));
        leader.Drain();
        leader.Core.SnapshotTaken(3, keepEntries: 0);
        leader.ElectLeader();
        CoreDriver follower = new(3, s_three);
        List<RaftMessage> sent = leader.Step(new RaftMessage { Type = RaftMessageType.AppendEntriesResponse, From = 3, Term = 2, LogIndex = 3, Reject = true });
        List<ulong> offsets = [];
        byte[] received = [];
        for (int step = 0; step < 100 && follower.Core.CommitIndex < 3; step++)
        {
            if (sent.Find(m => m.Type == RaftMessageType.InstallSnapshot) is not { Type: RaftMessageType.InstallSnapshot } asked)
            {
                // Lost: after an election timeout with signs of life the piece is sent again.
                leader.Core.Tick();
                sent = leader.Step(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, From = 2, Term = 2 });
                sent.AddRange(leader.Step(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, From = 3, Term = 2 }));
                continue;
            }

            offsets.Add(asked.Offset);
            sent = [];
            if (offsets.Count is 2 or 4)
            {
                continue;
            }

            int start = (int)asked.Offset;
            int bytes = Math.Min(4, state.Length - start);
            follower.Core.Step(asked with
            {
                Snapshot = new RaftSnapshotChunk(3, 1, new RaftMembership(s_three), asked.Offset, new ReadOnlySequence<byte>(state, start, bytes), start + bytes == state.Length),
            });
            while (follower.Core.TryGetReady(out RaftReady? ready))
            {
                received = ready.Snapshot is { } piece ? [.. received, .. piece.Data.ToArray()] : received;
                List<RaftMessage> answers = [.. ready.Messages];
                follower.Core.Advance();
                answers.ForEach(answer => sent.AddRange(leader.Step(answer)));
            }
        }

        Assert.That(received, Is.EqualTo(state));
        Assert.That(offsets, Is.EqualTo(new ulong[] { 0, 4, 4, 8, 8 }));
        Assert.That(sent.Any(m => m is { Type: RaftMessageType.AppendEntries, To: 3, LogIndex: 3 }), "entries follow");
    }

    [Test]
    public void A_piece_that_does_not_follow_is_not_taken_and_the_answer_tells_where_to_go_on()
    {
        CoreDriver follower = new(3, s_three);
        RaftMessage message = new() { Type = RaftMessageType.InstallSnapshot, From = 1, Term = 2 };
        RaftSnapshotChunk piece = new(3, 1, new RaftMembership(s_three), 5, new ReadOnlySequence<byte>(new byte[5]), IsLast: true);
        RaftMessage answer = follower.Step(message with { Snapshot = piece }).Single();
        Assert.That((answer.Type, answer.Offset, follower.Core.CommitIndex), Is.EqualTo((RaftMessageType.InstallSnapshotResponse, 0ul, 0ul)));
        Assert.That(follower.Step(message with { Snapshot = piece with { Offset = 0, IsLast = false } }).Single().Offset, Is.EqualTo(5));
        Assert.That(follower.Step(message with { From = 2, Snapshot = piece }).Single().Offset, Is.Zero, "another leader's snapshot is another one");
    }

    [Test]
    public void A_steady_leader_of_three_allocates_nothing_per_entry()
    {
        RaftCore[] cores = [.. s_three.Select(id => new RaftCore(new RaftCoreOptions { NodeId = id, Membership = new RaftMembership(s_three), Seed = (int)id }))];
        cores[0].Campaign();
        Settle(cores);
        byte[] command = new byte[100];
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 2000; i++)
            {
                cores[0].Propose(command, out _);
                cores[0].TryReadIndex(out _);
                Settle(cores);
                foreach (RaftCore core in cores)
                {
                    core.SnapshotTaken(core.AppliedIndex, 16);
                }
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(least, Is.Zero);
        Assert.That(cores[2].AppliedIndex, Is.EqualTo(10_001));
    }

    private static void Settle(RaftCore[] cores)
    {
        bool busy = true;
        while (busy)
        {
            busy = false;
            foreach (RaftCore core in cores)
            {
                if (!core.TryGetReady(out RaftReady? ready))
                {
                    continue;
                }

                busy = true;
                for (int i = 0; i < ready.ImmediateMessages.Count; i++)
                {
                    cores[ready.ImmediateMessages[i].To - 1].Step(ready.ImmediateMessages[i]);
                }

                for (int i = 0; i < ready.Messages.Count; i++)
                {
                    cores[ready.Messages[i].To - 1].Step(ready.Messages[i]);
                }

                core.Advance();
            }
        }
    }

    private static ulong Append(RaftCore core, ulong from, ulong term, params ulong[] indices)
    {
        core.Step(new RaftMessage
        {
            Type = RaftMessageType.AppendEntries,
            From = from,
            To = core.NodeId,
            Term = term,
            Entries = indices.Select(index => new LogEntry(term, index, EntryType.Command, new byte[1])).ToArray(),
        });
        core.TryGetReady(out RaftReady? ready);
        ulong write = ready!.WriteId;
        core.AdvanceWriting();
        return write;
    }

    private static RaftMessage Answer(ulong from, ulong index) => new()
    {
        Type = RaftMessageType.AppendEntriesResponse,
        From = from,
        Term = 1,
        LogIndex = index,
    };

    private static CoreDriver Leader(RaftCoreOptions options)
    {
        CoreDriver leader = new(options);
        leader.ElectLeader();
        leader.Acknowledge(2);
        leader.Acknowledge(3);
        return leader;
    }

    private static RaftCoreOptions Options(
        int maxAppendEntries = 256, int maxInflightMessages = 256, long maxInflightBytes = 1 << 20, long maxUncommittedBytes = 1 << 20) => new()
        {
            NodeId = 1,
            Membership = new RaftMembership(s_three),
            Seed = 1,
            MaxAppendEntries = maxAppendEntries,
            MaxInflightMessages = maxInflightMessages,
            MaxInflightBytes = maxInflightBytes,
            MaxUncommittedBytes = maxUncommittedBytes,
        };
}
