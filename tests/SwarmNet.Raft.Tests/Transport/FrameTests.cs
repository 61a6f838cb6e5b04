using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;

namespace SwarmNet.Raft.Tests;

public class FrameTests
{
    private static readonly RaftMessage s_append = new()
    {
        Type = RaftMessageType.AppendEntries,
        From = 1,
        To = 2,
        Term = 3,
        LogIndex = 4,
        LogTerm = 3,
        Commit = 4,
        Entries = new LogEntry[] { new(3, 5, EntryType.Command, "abc"u8.ToArray()), new(3, 6, EntryType.Noop, default) },
    };

    private static readonly RaftMessage s_heartbeat = new() { Type = RaftMessageType.Heartbeat, From = 1, To = 2, Term = 3, Context = 7 };

    [Test]
    public void The_length_comes_before_the_message_and_is_what_the_codec_writes()
    {
        RaftMessage snapshot = new()
        {
            Type = RaftMessageType.InstallSnapshot,
            From = 1,
            To = 2,
            Snapshot = new RaftSnapshotChunk(9, 3, new RaftMembership([1, 2], [3]), 4, new ReadOnlySequence<byte>(new byte[100]), IsLast: true),
        };
        foreach (RaftMessage message in (RaftMessage[])[s_append, s_heartbeat, snapshot])
        {
            ArrayBufferWriter<byte> writer = new();
            Frame.Write(writer, message);
            Assert.That(BitConverter.ToInt32(writer.WrittenSpan), Is.EqualTo(writer.WrittenCount - 4).And.EqualTo(RaftMessageCodec.SizeOf(message)));
        }
    }

    [Test]
    public void Frames_split_at_any_two_places_come_out_whole()
    {
        byte[] bytes = Bytes(s_append, s_heartbeat);
        for (int first = 0; first <= bytes.Length; first++)
        {
            for (int second = first; second <= bytes.Length; second += 7)
            {
                FrameReader reader = new();
                ReadOnlySequence<byte> source = Split(bytes, first, second);
                Assert.That(reader.TryRead(ref source, out RaftMessage append), Is.EqualTo(FrameStatus.Message));
                Assert.That(append.Entries.ToArray().Select(e => (e.Index, e.Data.Length)), Is.EqualTo(new[] { (5ul, 3), (6ul, 0) }));
                Assert.That(reader.TryRead(ref source, out RaftMessage heartbeat), Is.EqualTo(FrameStatus.Message));
                Assert.That(heartbeat with { Entries = default }, Is.EqualTo(s_heartbeat));
                Assert.That(reader.TryRead(ref source, out _), Is.EqualTo(FrameStatus.Incomplete));
                ReadOnlySequence<byte> start = new(bytes, 0, first);
                if (first < RaftMessageCodec.SizeOf(s_append) + 4)
                {
                    Assert.That(reader.TryRead(ref start, out _), Is.EqualTo(FrameStatus.Incomplete));
                    Assert.That(start.Length, Is.EqualTo(first), "nothing is taken of a part");
                }
            }
        }
    }

    [Test]
    public void Lengths_that_cannot_be_and_bytes_that_are_no_message_are_malformed()
    {
        foreach (int length in (int[])[-1, 0, RaftMessageCodec.FixedBytes - 1, Frame.MaxMessageBytes + 1, int.MinValue])
        {
            ReadOnlySequence<byte> source = new(BitConverter.GetBytes(length));
            Assert.That(new FrameReader().TryRead(ref source, out _), Is.EqualTo(FrameStatus.Malformed), $"{length}");
        }

        Random random = new(TestSeed.Next());
        byte[] good = Bytes(s_append);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. good];
            for (int flips = random.Next(1, 8); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            ReadOnlySequence<byte> source = new(bytes);
            Assert.That(() => new FrameReader().TryRead(ref source, out _), Throws.Nothing);
        }
    }

    [Test]
    [SuppressMessage("Reliability", "CA2012:Use ValueTasks correctly", Justification = "A pipe without a threshold flushes at once.")]
    public void A_message_costs_no_allocation_on_its_way_but_for_the_entries_that_arrive()
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
        FrameReader reader = new();
        Assert.That(Least(() => Pass(s_heartbeat)), Is.Zero, "heartbeats and answers");
        // The array that the entries keep (header and all), and the list of them.
        long perMessage = Least(() => Pass(s_append)) / 1000;
        Assert.That(perMessage, Is.InRange(RaftMessageCodec.SizeOf(s_append), RaftMessageCodec.SizeOf(s_append) + 150));

        void Pass(in RaftMessage message)
        {
            Frame.Write(pipe.Writer, message);
            pipe.Writer.FlushAsync().GetAwaiter().GetResult();
            pipe.Reader.TryRead(out ReadResult result);
            ReadOnlySequence<byte> rest = result.Buffer;
            while (reader.TryRead(ref rest, out _) == FrameStatus.Message)
            {
            }

            pipe.Reader.AdvanceTo(rest.Start, rest.End);
        }

        static long Least(Action pass)
        {
            long least = long.MaxValue;
            for (int round = 0; round < 6; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 1000; i++)
                {
                    pass();
                }

                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return least;
        }
    }

    private static byte[] Bytes(params ReadOnlySpan<RaftMessage> messages)
    {
        ArrayBufferWriter<byte> writer = new();
        foreach (ref readonly RaftMessage message in messages)
        {
            Frame.Write(writer, message);
        }

        return writer.WrittenSpan.ToArray();
    }

    private static ReadOnlySequence<byte> Split(byte[] bytes, int first, int second)
    {
        Segment start = new(bytes.AsMemory(0, first), 0);
        Segment end = start.Append(bytes.AsMemory(first, second - first)).Append(bytes.AsMemory(second));
        return new ReadOnlySequence<byte>(start, 0, end, end.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
