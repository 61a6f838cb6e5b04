using SwarmNet.Protocol;

namespace SwarmNet.Protocol.Tests;

public sealed class IdentifiersTests
{
    // Computed apart from this code: int(bytes with the top bit set) in base 36, characters 1 to 25 of 27.
    [TestCase("0000000000000000000000000000000000", "hvy0lj3x0b883f8e30fyp2172")]
    [TestCase("8000000000000000000000000000000000", "hvy0lj3x0b883f8e30fyp2172", TestName = "The_top_bit_is_set_anyway")]
    [TestCase("ffffffffffffffffffffffffffffffffff", "zrw1727u0mgg6ugs60vxe42e4")]
    [TestCase("000102030405060708090a0b0c0d0e0f10", "hw05xdvcpbrfi4jekqvbjy4b2")]
    public void The_identifier_of_random_bytes(string random, string expected) =>
        Assert.That(Identifiers.FromRandom(Convert.FromHexString(random)), Is.EqualTo(expected));

    [Test]
    public void New_ones_have_the_format_and_differ()
    {
        var all = Enumerable.Range(0, 200).Select(_ => Identifiers.New()).ToList();
        Assert.That(all, Is.Unique);
        Assert.That(all, Has.All.Match("^[0-9a-z]{25}$"));
    }

    [TestCase(16)]
    [TestCase(18)]
    public void Other_lengths_are_refused(int length) =>
        Assert.That(() => Identifiers.FromRandom(new byte[length]), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [TestCase("", 0, "")]
    [TestCase("00", 3, "000")]
    [TestCase("23", 0, "z")]
    [TestCase("24", 0, "10")]
    [TestCase("0100", 5, "00074")]
    public void Base36_pads_to_the_left(string bytes, int width, string expected) =>
        Assert.That(Identifiers.Base36(Convert.FromHexString(bytes), width), Is.EqualTo(expected));
}
