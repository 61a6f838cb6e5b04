using System.Net;
using System.Text;
using SwarmNet.Gossip.Wire;

namespace SwarmNet.Gossip.Tests;

public class MessageTests
{
    private static readonly IPAddress s_address = IPAddress.Parse("10.0.0.7");

    [Test]
    public void Ack_as_go_writes_it()
    {
        byte[] buffer = new byte[64];
        int length = MessageWriter.Ack(buffer, 300);
        // 02, map of 2: "Payload" nil, "SeqNo" u16 300
        Assert.That(Convert.ToHexString(buffer, 0, length), Is.EqualTo("02" + "82" + "A7" + Hex("Payload") + "C0" + "A5" + Hex("SeqNo") + "CD012C"));
    }

    [Test]
    public void Ping_has_its_keys_in_ascii_order()
    {
        byte[] buffer = new byte[256];
        int length = MessageWriter.Ping(buffer, 1, "bob", s_address, 7946, "alice");
        Assert.That(Convert.ToHexString(buffer, 0, length), Is.EqualTo(
            "00" + "85" + "A4" + Hex("Node") + "A3" + Hex("bob") + "A5" + Hex("SeqNo") + "01" + "AA" + Hex("SourceAddr") + "A4" + "0A000007"
            + "AA" + Hex("SourceNode") + "A5" + Hex("alice") + "AA" + Hex("SourcePort") + "CD1F0A"));
    }

    [Test]
    public void Alive_has_raw_versions_and_nil_meta_and_long_names_use_raw16()
    {
        byte[] buffer = new byte[512];
        string name = new('n', 40);
        int length = MessageWriter.Alive(buffer, 2, name, new IPEndPoint(s_address, 7946), [], new GossipVersion().ToBytes());
        Assert.That(Convert.ToHexString(buffer, 0, length), Is.EqualTo(
            "04" + "86" + "A4" + Hex("Addr") + "A4" + "0A000007" + "AB" + Hex("Incarnation") + "02" + "A4" + Hex("Meta") + "C0"
            + "A4" + Hex("Node") + "DA0028" + Hex(name) + "A4" + Hex("Port") + "CD1F0A" + "A3" + Hex("Vsn") + "A6" + "010502000000"));
    }

    [Test]
    public void Every_message_comes_back()
    {
        byte[] buffer = new byte[1024];
        IPEndPoint target = new(IPAddress.Parse("fd00::9"), 9000);
        MessageFields fields = Read(buffer, MessageWriter.IndirectPing(buffer, 70_000, "t", target, nack: true, s_address, 7946, "me"));
        Assert.That((fields.SeqNo, Text(fields.Node), new IPAddress(fields.Target), fields.Port, fields.Nack, fields.SourcePort, Text(fields.SourceNode)),
            Is.EqualTo((70_000u, "t", target.Address, (ushort)9000, true, (ushort)7946, "me")));
        fields = Read(buffer, MessageWriter.Nack(buffer, uint.MaxValue));
        Assert.That(fields.SeqNo, Is.EqualTo(uint.MaxValue));
        fields = Read(buffer, MessageWriter.Accusation(buffer, MessageType.Dead, 9, "gone", "judge"));
        Assert.That((fields.Incarnation, Text(fields.Node), Text(fields.From)), Is.EqualTo((9u, "gone", "judge")));
        fields = Read(buffer, MessageWriter.PushPullHeader(buffer, 3, 77, join: true));
        Assert.That((fields.Nodes, fields.UserStateLen, fields.Join), Is.EqualTo((3, 77, true)));
        fields = Read(buffer, MessageWriter.Error(buffer, "no"));
        Assert.That(Text(fields.Error), Is.EqualTo("no"));
    }

    [TestCase("81A55365714E6F05", 5u, Description = "fixint")]
    [TestCase("81A55365714E6FCC05", 5u, Description = "u8")]
    [TestCase("81A55365714E6FD10080", 128u, Description = "i16, as newer codecs write int fields")]
    [TestCase("81A55365714E6FCF0000000000000005", 5u, Description = "u64")]
    [TestCase("82A3666F6F93010203A55365714E6F05", 5u, Description = "an unknown key with an array")]
    [TestCase("81D9055365714E6F05", 5u, Description = "str8 key")]
    public void Any_integer_form_any_order_and_unknown_keys_are_read(string hex, uint expected)
    {
        MsgPackReader reader = new(Convert.FromHexString(hex));
        Assert.That(MessageFields.TryRead(ref reader, out MessageFields fields));
        Assert.That(fields.SeqNo, Is.EqualTo(expected));
    }

    [TestCase("81A55365714E6FD1FF80", Description = "negative")]
    [TestCase("81A55365714E6FCF0000000100000000", Description = "beyond u32")]
    [TestCase("81A55365714E6F", Description = "cut off")]
    [TestCase("85A55365714E6F01", Description = "fewer entries than said")]
    [TestCase("81A55365714E6FA0", Description = "a string for a number")]
    [TestCase("01", Description = "no map")]
    [TestCase("", Description = "nothing")]
    public void Bad_bytes_are_refused(string hex)
    {
        MsgPackReader reader = new(Convert.FromHexString(hex));
        Assert.That(MessageFields.TryRead(ref reader, out _), Is.False);
    }

    [Test]
    public void Encoding_and_decoding_ping_and_ack_allocates_nothing()
    {
        byte[] buffer = new byte[512];
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (uint i = 0; i < 2000; i++)
            {
                Read(buffer, MessageWriter.Ping(buffer, i, "3f2a77b01c9d", s_address, 7946, "90ab77b01c9d"));
                Read(buffer, MessageWriter.Ack(buffer, i));
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(least, Is.Zero);
    }

    private static MessageFields Read(byte[] buffer, int length)
    {
        MsgPackReader reader = new(buffer.AsSpan(1, length - 1));
        bool read = MessageFields.TryRead(ref reader, out MessageFields fields);
        if (!read || reader.Position != length - 1)
        {
            throw new AssertionException("the message does not come back");
        }

        return fields;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static string Hex(string text) => Convert.ToHexString(Encoding.ASCII.GetBytes(text));
}
