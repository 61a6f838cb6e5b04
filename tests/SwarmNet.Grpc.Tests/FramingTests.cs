using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace SwarmNet.Grpc;

public sealed class FramingTests
{
    [Test]
    public void An_empty_message_is_five_zero_bytes()
    {
        var writer = new ArrayBufferWriter<byte>();
        Framing.WriteFrame(writer, new Empty());
        Assert.That(writer.WrittenSpan.ToArray(), Is.EqualTo(new byte[] { 0, 0, 0, 0, 0 }));
    }

    [Test]
    public void The_prefix_is_flag_and_big_endian_length()
    {
        var writer = new ArrayBufferWriter<byte>();
        Framing.WriteFrame(writer, new StringValue { Value = new string('x', 300) });

        // 300 = 0x12c; protobuf adds one tag byte and two length bytes: 303 = 0x12f.
        Assert.That(writer.WrittenSpan[..5].ToArray(), Is.EqualTo(new byte[] { 0, 0, 0, 1, 0x2f }));
        Assert.That(writer.WrittenCount, Is.EqualTo(5 + 303));
    }

    [Test]
    public void Large_messages_are_written_whole()
    {
        var data = new byte[300_000];
        new Random(1).NextBytes(data);
        var writer = new ArrayBufferWriter<byte>();
        Framing.WriteFrame(writer, new BytesValue { Value = ByteString.CopyFrom(data) });
        var buffer = new ReadOnlySequence<byte>(writer.WrittenMemory);
        Assert.That(Framing.TryReadFrame(ref buffer, 1 << 20, out var message), Is.EqualTo(FrameStatus.Frame));
        Assert.That(BytesValue.Parser.ParseFrom(message).Value.ToByteArray(), Is.EqualTo(data));
        Assert.That(buffer.IsEmpty);
    }

    [Test]
    public void Frames_split_at_every_byte_come_out_the_same()
    {
        var bytes = Frames("", "a", "some longer text");
        for (var split = 0; split <= bytes.Length; split++)
        {
            var buffer = Sequence(bytes.AsMemory(0, split), bytes.AsMemory(split));
            Assert.That(ReadAll(ref buffer), Is.EqualTo(new[] { "", "a", "some longer text" }), $"split at {split}");
            Assert.That(buffer.IsEmpty);
        }
    }

    [Test]
    public void Truncated_frames_need_more_and_take_nothing()
    {
        var bytes = Frames("some text");
        for (var length = 0; length < bytes.Length; length++)
        {
            var buffer = new ReadOnlySequence<byte>(bytes, 0, length);
            Assert.That(Framing.TryReadFrame(ref buffer, 100, out _), Is.EqualTo(FrameStatus.NeedMore), $"{length} bytes");
            Assert.That(buffer.Length, Is.EqualTo(length));
        }
    }

    [Test]
    public void A_length_over_the_limit_is_refused_from_the_prefix_alone()
    {
        var buffer = new ReadOnlySequence<byte>([0, 0, 0, 1, 1]);
        Assert.That(Framing.TryReadFrame(ref buffer, 256, out _), Is.EqualTo(FrameStatus.TooLarge));
        buffer = new ReadOnlySequence<byte>([0, 0xff, 0xff, 0xff, 0xff]);
        Assert.That(Framing.TryReadFrame(ref buffer, int.MaxValue, out _), Is.EqualTo(FrameStatus.TooLarge));
        buffer = new ReadOnlySequence<byte>([0, 0, 0, 1, 0]);
        Assert.That(Framing.TryReadFrame(ref buffer, 256, out _), Is.EqualTo(FrameStatus.NeedMore));
    }

    [TestCase((byte)1)]
    [TestCase((byte)0x80)]
    public void A_compressed_frame_is_refused_from_its_first_byte(byte flag)
    {
        var buffer = new ReadOnlySequence<byte>([flag]);
        Assert.That(Framing.TryReadFrame(ref buffer, 256, out _), Is.EqualTo(FrameStatus.Compressed));
    }

    [Test]
    public void Random_bytes_never_throw_and_never_give_more_than_the_limit()
    {
        var random = new Random(TestSeed.Next());
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            if (bytes.Length > 4 && random.Next(2) == 0)
            {
                // Half of them get a plausible prefix, or nearly all would end at the flag byte.
                bytes[0] = bytes[1] = bytes[2] = bytes[3] = 0;
            }

            var split = random.Next(bytes.Length + 1);
            var buffer = Sequence(bytes.AsMemory(0, split), bytes.AsMemory(split));
            var before = buffer.Length;
            while (Framing.TryReadFrame(ref buffer, 32, out var message) == FrameStatus.Frame)
            {
                Assert.That(message.Length, Is.LessThanOrEqualTo(32));
                Assert.That(before - buffer.Length, Is.EqualTo(message.Length + Framing.PrefixSize));
                before = buffer.Length;
            }
        }
    }

    private static byte[] Frames(params string[] texts)
    {
        var writer = new ArrayBufferWriter<byte>();
        foreach (var text in texts)
        {
            Framing.WriteFrame(writer, new StringValue { Value = text });
        }

        return writer.WrittenSpan.ToArray();
    }

    private static List<string> ReadAll(ref ReadOnlySequence<byte> buffer)
    {
        var texts = new List<string>();
        while (Framing.TryReadFrame(ref buffer, 100, out var message) == FrameStatus.Frame)
        {
            texts.Add(StringValue.Parser.ParseFrom(message).Value);
        }

        return texts;
    }

    private static ReadOnlySequence<byte> Sequence(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        var head = new Segment(first, null);
        var tail = new Segment(second, head);
        return new ReadOnlySequence<byte>(head, 0, tail, second.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                previous.Next = this;
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
            }
        }
    }
}
