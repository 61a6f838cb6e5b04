using System.Text;
using SwarmNet.Gossip.Wire;

namespace SwarmNet.Gossip.Tests;

public class LayerTests
{
    private static readonly byte[] s_one = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];
    private static readonly byte[] s_two = [.. Enumerable.Range(0, 32).Select(i => (byte)(i + 100))];
    private static readonly byte[] s_label = "pool"u8.ToArray();

    [Test]
    public void Crc32_is_ieee() => Assert.That(Crc32.Of("123456789"u8), Is.EqualTo(0xCBF43926u));

    [Test]
    public void Lzw_known_bytes()
    {
        // 9-bit codes, least significant bits first: clear 256, end 257.
        Assert.That(Lzw.Encode([]), Is.EqualTo(new byte[] { 0x00, 0x03, 0x02 }));
        // clear, 'a' (97), 258 (= "aa", defined by itself), end
        Assert.That(Lzw.Encode("aaa"u8), Is.EqualTo(Pack(256, 97, 258, 257)));
        Assert.That(Lzw.TryDecode(Pack(97, 258, 257), 100, out byte[] decoded), "a leading clear is not demanded");
        Assert.That(decoded, Is.EqualTo("aaa"u8.ToArray()));
    }

    [Test]
    public void Lzw_round_trip_of_text_runs_and_noise_beyond_the_table_size()
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        foreach (int length in new[] { 0, 1, 2, 255, 256, 257, 4000, 20_000, 100_000 })
        {
            byte[] noise = new byte[length];
            random.NextBytes(noise);
            byte[] text = [.. Enumerable.Range(0, length).Select(i => (byte)"the quick brown fox "[(int)((long)i * i % 20)])];
            foreach (byte[] data in new[] { noise, text, new byte[length] })
            {
                byte[] encoded = Lzw.Encode(data);
                Assert.That(Lzw.TryDecode(encoded, length, out byte[] decoded), $"seed {seed}, {length} bytes");
                Assert.That(decoded.AsSpan().SequenceEqual(data), $"seed {seed}, {length} bytes");
                Assert.That(length == 0 || !Lzw.TryDecode(encoded, length - 1, out _), "the limit holds");
            }
        }
    }

    [Test]
    public void Compound_splits_into_what_was_joined_and_a_cut_tail_is_dropped()
    {
        byte[][] messages = [[1], [2, 2], [3, 3, 3]];
        byte[] packet = PacketCodec.Compound(messages);
        Assert.That(Convert.ToHexString(packet), Is.EqualTo("0703" + "000100020003" + "01" + "0202" + "030303"));
        List<Range> ranges = [];
        Assert.That(PacketCodec.TrySplit(packet.AsSpan(1), ranges));
        Assert.That(ranges.Select(range => packet[1..][range]), Is.EqualTo(messages));
        ranges.Clear();
        Assert.That(PacketCodec.TrySplit(packet.AsSpan(1, packet.Length - 2), ranges));
        Assert.That(ranges, Has.Count.EqualTo(2));
        Assert.That(PacketCodec.TrySplit(packet.AsSpan(1, 4), ranges), Is.False);
    }

    [Test]
    public void All_layers_of_a_packet_come_off_again([Values] bool compress, [Values] bool crc, [Values] bool encrypt, [Values] bool label)
    {
        byte[] message = Encoding.ASCII.GetBytes("\u0008" + string.Concat(Enumerable.Repeat("gossip ", 50)));
        KeyRing keys = encrypt ? new KeyRing([s_one]) : KeyRing.Empty;
        byte[] packet = PacketCodec.Seal(message, compress, crc, keys, label ? s_label : []);
        Assert.That(PacketCodec.TryOpen(packet, keys, label ? s_label : [], out byte[] opened));
        if (compress)
        {
            Assert.That(opened[0], Is.EqualTo((byte)MessageType.Compress));
            Assert.That(packet.Length, Is.LessThan(message.Length));
            Assert.That(PacketCodec.TryDecompress(opened.AsSpan(1), out opened));
        }

        Assert.That(opened, Is.EqualTo(message));
        Assert.That(PacketCodec.TryOpen(packet, keys, label ? [] : s_label, out _), Is.False, "the label must be the expected one");
        packet[^1] ^= 1;
        Assert.That(PacketCodec.TryOpen(packet, keys, label ? s_label : [], out _), Is.EqualTo(!encrypt && !crc));
    }

    [Test]
    public void Any_key_of_the_ring_decrypts_and_the_first_encrypts()
    {
        byte[] message = [8, 1, 2, 3];
        byte[] packet = PacketCodec.Seal(message, false, false, new KeyRing([s_one]), []);
        Assert.That(packet, Has.Length.EqualTo(message.Length + 29));
        Assert.That(packet[0], Is.EqualTo(1));
        Assert.That(PacketCodec.TryOpen(packet, new KeyRing([s_two, s_one]), [], out byte[] opened));
        Assert.That(opened, Is.EqualTo(message));
        Assert.That(PacketCodec.TryOpen(packet, new KeyRing([s_two]), [], out _), Is.False);
        Assert.That(PacketCodec.TryOpen(message, new KeyRing([s_one]), [], out _), Is.False, "plain packets are dropped once there are keys");
        Assert.That(() => new KeyRing([new byte[15]]), Throws.ArgumentException.With.Message.Contains("16, 24 or 32"));
    }

    [Test]
    public void Version_0_with_padding_is_read()
    {
        byte[] padded = [8, 9, 9, .. Enumerable.Repeat((byte)13, 13)];
        byte[] packet = new byte[padded.Length + 29];
        new KeyRing([s_one]).Encrypt(padded, [], packet);
        packet[0] = 0;
        Assert.That(PacketCodec.TryOpen(packet, new KeyRing([s_one]), [], out byte[] opened));
        Assert.That(opened, Is.EqualTo(new byte[] { 8, 9, 9 }));
    }

    [Test]
    public void A_stream_message_is_found_at_every_split([Values] bool compress, [Values] bool encrypt)
    {
        byte[] buffer = new byte[600];
        byte[] message = buffer[..MessageWriter.UserStream(buffer, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("state ", 60))))];
        KeyRing keys = encrypt ? new KeyRing([s_two]) : KeyRing.Empty;
        byte[] stream = StreamCodec.Seal(message, compress, keys, [], dialled: true);
        for (int length = 0; length < stream.Length; length++)
        {
            Assert.That(StreamCodec.TryOpen(stream.AsSpan(0, length), keys, [], out _), Is.EqualTo(StreamStatus.NeedsMore), $"at {length}");
        }

        Assert.That(StreamCodec.TryOpen(stream, keys, [], out byte[] opened), Is.EqualTo(StreamStatus.Complete));
        Assert.That(opened, Is.EqualTo(message));
        Assert.That(StreamCodec.TryOpen(stream, encrypt ? KeyRing.Empty : new KeyRing([s_two]), [], out _),
            Is.EqualTo(encrypt ? StreamStatus.Invalid : StreamStatus.NotEncrypted));
    }

    [Test]
    public void Hostile_bytes_never_throw()
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        byte[] scratch = new byte[1024];
        byte[][] seeds =
        [
            PacketCodec.Compound([[1, 2, 3], [4, 5]]),
            PacketCodec.Compress(new byte[300]),
            scratch[..MessageWriter.PushPullHeader(scratch, 2, 5, true)],
            PacketCodec.Seal([2, 0x80], false, true, KeyRing.Empty, []),
            StreamCodec.Seal([6, 0x80], true, new KeyRing([s_one]), [], true),
        ];
        for (int i = 0; i < 30_000; i++)
        {
            byte[] bytes = [.. seeds[random.Next(seeds.Length)]];
            for (int flips = random.Next(1, 8); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            bytes = bytes[..random.Next(bytes.Length + 1)];
            Assert.That(
                () =>
                {
                    PacketCodec.TryOpen(bytes, KeyRing.Empty, [], out _);
                    PacketCodec.TryOpen(bytes, new KeyRing([s_one]), s_label, out _);
                    PacketCodec.TryDecompress(bytes, out _);
                    PacketCodec.TrySplit(bytes, []);
                    StreamCodec.TryOpen(bytes, KeyRing.Empty, [], out _);
                    StreamCodec.TryOpen(bytes, new KeyRing([s_one]), [], out _);
                },
                Throws.Nothing,
                $"seed {seed}: {Convert.ToHexString(bytes)}");
        }
    }

    private static byte[] Pack(params int[] codes)
    {
        System.Numerics.BigInteger bits = 0;
        for (int i = 0; i < codes.Length; i++)
        {
            bits |= (System.Numerics.BigInteger)codes[i] << (9 * i);
        }

        byte[] bytes = bits.ToByteArray(isUnsigned: true);
        Array.Resize(ref bytes, ((codes.Length * 9) + 7) / 8);
        return bytes;
    }
}
