namespace SwarmNet.Netlink;

[TestFixture]
public sealed class NetlinkCodecTests
{
    [Test]
    public void What_is_written_is_read_back()
    {
        NetlinkWriter writer = WriteSample();

        var reader = new NetlinkReader(writer.Written);
        Assert.That(reader.TryRead(out NetlinkMessage first), Is.True);
        Assert.That((first.Type, first.Flags, first.Sequence), Is.EqualTo(((ushort)0x1234, NetlinkFlags.Request | NetlinkFlags.Create, 7u)));
        Assert.That(first.TryReadHeader(out int header), Is.True);
        Assert.That(header, Is.EqualTo(0x01020304));
        NetlinkAttributeReader attributes = first.Attributes<int>();
        Assert.That(attributes.TryFind(1, out NetlinkAttribute a), Is.True);
        Assert.That(a.Byte, Is.EqualTo(0xab));
        Assert.That(attributes.TryFind(2, out a), Is.True);
        Assert.That(a.UInt16BigEndian, Is.EqualTo(4789));
        Assert.That(attributes.TryFind(3, out a), Is.True);
        Assert.That(a.GetString(), Is.EqualTo("äbc"));
        Assert.That(attributes.TryFind(4, out a), Is.True);
        Assert.That(a.Nested.TryFind(5, out NetlinkAttribute inner), Is.True);
        Assert.That(inner.UInt64, Is.EqualTo(ulong.MaxValue - 1));
        Assert.That(attributes.TryFind(6, out _), Is.False);
        Assert.That(reader.TryRead(out NetlinkMessage second), Is.True);
        Assert.That(second.Payload.Length, Is.Zero);
        Assert.That(reader.TryRead(out _), Is.False);
        Assert.That(reader.Malformed, Is.False);
    }

    [Test]
    public void Layout_is_that_of_the_header_file()
    {
        var writer = new NetlinkWriter();
        writer.BeginMessage(16, NetlinkFlags.Request | NetlinkFlags.Ack, 1);
        writer.Put(1, (byte)0xab);
        int nest = writer.BeginNested(2);
        writer.PutFlag(3);
        writer.EndNested(nest);
        writer.EndMessage();

        // len 32 | type 16 | flags 5 | seq 1 | pid 0 || len 5 type 1 value ab, 3 padding || len 8 type 2 nested { len 4 type 3 }
        Assert.That(Convert.ToHexStringLower(writer.Written), Is.EqualTo(
            "20000000" + "1000" + "0500" + "01000000" + "00000000" + "05000100" + "ab000000" + "08000280" + "04000300"));
    }

    [Test]
    public void A_nested_attribute_that_is_too_long_is_refused()
    {
        var writer = new NetlinkWriter();
        writer.BeginMessage(1, 0, 1);
        int nest = writer.BeginNested(1);
        writer.Put(2, new byte[40_000]);
        writer.Put(2, new byte[40_000]);

        Assert.That(() => writer.EndNested(nest), Throws.InvalidOperationException);
        Assert.That(() => writer.Put(2, new byte[70_000]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Truncated_input_at_every_length_never_throws()
    {
        byte[] whole = WriteSample().Written.ToArray();
        for (int length = 0; length <= whole.Length; length++)
        {
            Walk(whole.AsSpan(0, length));
        }
    }

    [Test]
    public void Hostile_input_never_throws()
    {
        int seed = TestSeed.Next();
        var random = new Random(seed);
        byte[] whole = WriteSample().Written.ToArray();
        for (int i = 0; i < 100_000; i++)
        {
            byte[] bytes = (byte[])whole.Clone();
            for (int n = random.Next(1, 6); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Walk(bytes);
        }
    }

    [TestCase("0f000000 1000 0500 01000000 00000000", Description = "message shorter than its header")]
    [TestCase("ffffffff 1000 0500 01000000 00000000", Description = "longer than the datagram")]
    [TestCase("00000000 1000 0500 01000000 00000000", Description = "zero length must not loop")]
    [TestCase("10000000 1000", Description = "cut header")]
    public void A_bad_message_length_is_malformed(string hex)
    {
        var reader = new NetlinkReader(Convert.FromHexString(hex.Replace(" ", "")));

        Assert.That(reader.TryRead(out _), Is.False);
        Assert.That(reader.Malformed, Is.True);
    }

    [TestCase("0300 0100", Description = "shorter than its header")]
    [TestCase("0000 0100", Description = "zero length must not loop")]
    [TestCase("0900 0100 00000000", Description = "longer than the rest")]
    [TestCase("0400", Description = "cut header")]
    public void A_bad_attribute_length_is_malformed(string hex)
    {
        var reader = new NetlinkAttributeReader(Convert.FromHexString(hex.Replace(" ", "")));

        Assert.That(reader.TryRead(out _), Is.False);
        Assert.That(reader.Malformed, Is.True);
    }

    [Test]
    public void An_attribute_may_end_without_its_padding()
    {
        var reader = new NetlinkAttributeReader(Convert.FromHexString("05000100ab"));

        Assert.That(reader.TryRead(out NetlinkAttribute attribute), Is.True);
        Assert.That(attribute.Byte, Is.EqualTo(0xab));
        Assert.That(reader.TryRead(out _), Is.False);
        Assert.That(reader.Malformed, Is.False);
    }

    [Test]
    public void Values_that_are_too_short_read_as_zero()
    {
        var reader = new NetlinkAttributeReader(Convert.FromHexString("04000100"));
        Assert.That(reader.TryRead(out NetlinkAttribute a), Is.True);

        ulong[] all = [a.Byte, a.UInt16, a.UInt32, (uint)a.Int32, a.UInt64, a.UInt16BigEndian, a.UInt32BigEndian, a.UInt64BigEndian];
        Assert.That(all, Is.All.Zero);
        Assert.That(a.TryRead(out uint _), Is.False);
        Assert.That(a.GetString(), Is.Empty);
    }

    [Test]
    public void An_extended_acknowledgement_is_understood()
    {
        // error -22, header of the request (capped), then NLMSGERR_ATTR_OFFS 36 and NLMSGERR_ATTR_MSG "no"
        byte[] bytes = Convert.FromHexString(
            "34000000" + "0200" + "0003" + "07000000" + "00000000" + "eaffffff" + "20000000100005000700000000000000" + "0800020024000000" + "070001006e6f0000");
        var reader = new NetlinkReader(bytes);
        Assert.That(reader.TryRead(out NetlinkMessage message), Is.True);

        Assert.That(NetlinkError.TryParse(message, out NetlinkError error), Is.True);
        Assert.That(error, Is.EqualTo(new NetlinkError(Linux.Errno.EINVAL, "no", 36)));
    }

    private static NetlinkWriter WriteSample()
    {
        var writer = new NetlinkWriter(16);
        writer.BeginMessage(0x1234, NetlinkFlags.Request | NetlinkFlags.Create, 7);
        writer.Append(0x01020304);
        writer.Put(1, (byte)0xab);
        writer.PutBigEndian(2, (ushort)4789);
        writer.PutString(3, "äbc");
        int nest = writer.BeginNested(4);
        writer.Put(5, ulong.MaxValue - 1);
        writer.EndNested(nest);
        writer.EndMessage();
        writer.BeginMessage(2, 0, 8);
        writer.EndMessage();
        return writer;
    }

    private static void Walk(ReadOnlySpan<byte> bytes)
    {
        var reader = new NetlinkReader(bytes);
        while (reader.TryRead(out NetlinkMessage message))
        {
            _ = NetlinkError.TryParse(message, out _);
            Walk(message.Attributes(4), 0);
        }
    }

    private static void Walk(NetlinkAttributeReader attributes, int depth)
    {
        while (depth < 5 && attributes.TryRead(out NetlinkAttribute attribute))
        {
            _ = attribute.GetString();
            Walk(attribute.Nested, depth + 1);
        }
    }
}
