using System.Text;

namespace SwarmNet.Dns;

[TestFixture]
public sealed class DnsNameTests
{
    [TestCase("", "00")]
    [TestCase("a", "016100")]
    [TestCase("web.my-net", "03776562066d792d6e657400")]
    public void Text_and_wire_convert_both_ways(string text, string hex)
    {
        Span<byte> wire = stackalloc byte[DnsName.MaxWireLength];
        Assert.That(DnsName.TryWrite(text, wire, out int written), Is.True);
        Assert.That(Convert.ToHexStringLower(wire[..written]), Is.EqualTo(hex));

        Span<char> chars = stackalloc char[DnsName.MaxTextLength + 1];
        Assert.That(DnsName.TryRead(wire[..written], 0, chars, out int length, out int next), Is.True);
        Assert.That(chars[..length].ToString(), Is.EqualTo(text));
        Assert.That(next, Is.EqualTo(written));
    }

    [TestCase("a..b")]
    [TestCase(".")]
    [TestCase("ä")]
    [TestCase("a b")]
    public void TryWrite_refuses(string text)
    {
        // "." alone is the root with its dot, which is the empty text: the only one of these that can be said.
        Assert.That(DnsName.TryWrite(text, new byte[DnsName.MaxWireLength], out _), Is.EqualTo(text == "."));
    }

    [Test]
    public void TryWrite_refuses_long_labels_and_names()
    {
        Assert.That(DnsName.TryWrite(new string('a', 63), new byte[256], out _), Is.True);
        Assert.That(DnsName.TryWrite(new string('a', 64), new byte[256], out _), Is.False);
        string longest = string.Join('.', Enumerable.Repeat(new string('a', 63), 3).Append(new string('b', 61)));
        Assert.That(DnsName.TryWrite(longest, new byte[256], out int written), Is.True);
        Assert.That(written, Is.EqualTo(DnsName.MaxWireLength));
        Assert.That(DnsName.TryWrite(longest + "b", new byte[300], out _), Is.False);
        Assert.That(DnsName.TryWrite("abc", new byte[4], out _), Is.False);
    }

    [Test]
    public void A_pointer_leads_to_an_earlier_name()
    {
        // offset 0: "net" 0; offset 5: "web" -> 0; offset 11: -> 5
        byte[] message = Convert.FromHexString("036e657400" + "03776562c000" + "c005");
        Span<char> text = stackalloc char[DnsName.MaxTextLength + 1];

        Assert.That(DnsName.TryRead(message, 11, text, out int length, out int next), Is.True);
        Assert.That(text[..length].ToString(), Is.EqualTo("web.net"));
        Assert.That(next, Is.EqualTo(13));
    }

    [TestCase("c000", Description = "to itself")]
    [TestCase("c001", Description = "forward")]
    [TestCase("0161c000", Description = "to its own start")]
    [TestCase("c0", Description = "cut pointer")]
    [TestCase("0361", Description = "cut label")]
    [TestCase("0161", Description = "no end")]
    [TestCase("", Description = "nothing")]
    [TestCase("4061", Description = "reserved label type 01")]
    [TestCase("8061", Description = "reserved label type 10")]
    public void Bad_names_are_refused(string hex) =>
        Assert.That(DnsName.TryRead(Convert.FromHexString(hex), 0, new char[DnsName.MaxTextLength + 1], out _, out _), Is.False);

    [Test]
    public void Pointers_in_a_circle_end()
    {
        // 0: "a" -> 4; 4: "b" -> 0
        byte[] message = Convert.FromHexString("0161c0040162c000");

        Assert.That(DnsName.TryRead(message, 0, new char[254], out _, out _), Is.False);
        Assert.That(DnsName.TryRead(message, 4, new char[254], out _, out _), Is.False);
    }

    [Test]
    public void A_name_that_grows_too_long_through_pointers_is_refused()
    {
        // Each block: a label of 60 bytes, then a pointer to the block before.
        var message = new List<byte> { 0 };
        int previous = 0;
        for (int i = 0; i < 6; i++)
        {
            int start = message.Count;
            message.Add(60);
            message.AddRange(Encoding.ASCII.GetBytes(new string('x', 60)));
            message.Add((byte)(0xc0 | (previous >> 8)));
            message.Add((byte)previous);
            previous = start;
        }

        Assert.That(DnsName.TryRead(message.ToArray(), previous, new char[254], out _, out _), Is.False);
    }
}
