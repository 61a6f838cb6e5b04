using System.Buffers;

namespace SwarmNet.Raft.Tests;

public class RaftMessageCodecTests
{
    [Test]
    public void Every_kind_of_message_comes_back()
    {
        RaftMessage full = Full();
        foreach (RaftMessageType type in Enum.GetValues<RaftMessageType>())
        {
            byte[] bytes = Encode(full with { Type = type });
            Assert.That(RaftMessageCodec.TryParse(bytes, out RaftMessage parsed));
            Assert.That(Encode(parsed), Is.EqualTo(bytes));
            Assert.That((parsed.Type, parsed.From, parsed.To, parsed.Term, parsed.LogIndex, parsed.LogTerm, parsed.Commit, parsed.Reject, parsed.HintIndex, parsed.HintTerm),
                Is.EqualTo((type, 1ul, 2ul, 3ul, 4ul, 5ul, 6ul, true, 7ul, 8ul)));
            Assert.That((parsed.Context, parsed.Offset, parsed.Transfer, parsed.Snapshot!.Offset, parsed.Snapshot.IsLast),
                Is.EqualTo((9ul, 10ul, true, 11ul, true)));
            Assert.That(parsed.Entries.Span[1].Data.ToArray(), Is.EqualTo(new byte[] { 9, 9 }));
            Assert.That(parsed.Entries.Span[1].Index, Is.EqualTo(6));
            Assert.That(parsed.Snapshot!.Membership, Is.EqualTo(new RaftMembership([1, 2, 3], [4])));
        }
    }

    [Test]
    public void Truncated_extended_or_random_bytes_are_refused_without_a_throw()
    {
        byte[] whole = Encode(Full());
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.That(RaftMessageCodec.TryParse(whole.AsMemory(0, length), out _), Is.False, $"cut at {length}");
        }

        Assert.That(RaftMessageCodec.TryParse(whole.Append((byte)0).ToArray(), out _), Is.False);
        int seed = TestSeed.Next();
        Random random = new(seed);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. whole];
            for (int flips = random.Next(1, 6); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Assert.That(() => RaftMessageCodec.TryParse(bytes, out _), Throws.Nothing, $"seed {seed}");
        }
    }

    [Test]
    public void Encoding_messages_and_log_batches_allocates_nothing()
    {
        ArrayBufferWriter<byte> writer = new(4096);
        RaftMessage message = Full() with { Snapshot = null };
        LogEntry entry = new(1, 2, EntryType.Command, new byte[200]);
        byte[] buffer = new byte[4096];
        Assert.That(AllocatedBytes(() =>
        {
            writer.ResetWrittenCount();
            RaftMessageCodec.Write(writer, message);
            BatchEncoder encoder = new(buffer, 1, 0, 3, PlainTransform.Instance);
            encoder.AddHardState(new HardState(1, 2, 3));
            encoder.AddEntry(entry);
            encoder.AddEntry(entry);
        }), Is.Zero);
    }

    [Test]
    public void A_steady_single_voter_allocates_nothing_per_entry()
    {
        RaftCore core = new(new RaftCoreOptions { NodeId = 1, Membership = new RaftMembership([1]), Seed = 1 });
        core.Campaign();
        byte[] command = new byte[100];
        Assert.That(AllocatedBytes(() =>
        {
            core.Propose(command, out _);
            while (core.TryGetReady(out _))
            {
                core.Advance();
            }

            // Keeps the list of entries from growing.
            core.SnapshotTaken(core.AppliedIndex, 16);
        }), Is.Zero);
    }

    private static long AllocatedBytes(Action action)
    {
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 2000; i++)
            {
                action();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static RaftMessage Full() => new()
    {
        Type = RaftMessageType.AppendEntries,
        From = 1,
        To = 2,
        Term = 3,
        LogIndex = 4,
        LogTerm = 5,
        Commit = 6,
        Reject = true,
        HintIndex = 7,
        HintTerm = 8,
        Context = 9,
        Offset = 10,
        Transfer = true,
        Entries = new LogEntry[] { new(3, 5, EntryType.Noop, default), new(3, 6, EntryType.Command, new byte[] { 9, 9 }) },
        Snapshot = new RaftSnapshotChunk(4, 2, new RaftMembership([1, 2, 3], [4]), 11, new ReadOnlySequence<byte>(new byte[] { 5, 5, 5 }), IsLast: true),
    };

    private static byte[] Encode(in RaftMessage message)
    {
        ArrayBufferWriter<byte> writer = new();
        RaftMessageCodec.Write(writer, message);
        return writer.WrittenSpan.ToArray();
    }
}
