using System.Net.Sockets;

namespace SwarmNet.Overlay.Encryption;

public sealed class ClearTextRulesTests
{
    [TestCase(1u, "000001")]
    [TestCase(4097u, "001001")]
    [TestCase(0xffffffu, "FFFFFF")]
    public void Keys_are_the_three_bytes_of_the_VXLAN_header(uint vni, string expected)
    {
        Assert.That(Convert.ToHexString(ClearTextRules.Key(vni)), Is.EqualTo(expected));
        Assert.That(ClearTextRules.Vni(ClearTextRules.Key(vni)), Is.EqualTo(vni));
        Assert.That(ClearTextTest.Datagram(vni).AsSpan(4, 3).ToArray(), Is.EqualTo(ClearTextRules.Key(vni)));
    }

    [Test]
    public void Only_IPv6_needs_flows_to_be_tracked() =>
        Assert.That(ClearTextRules.Of(4789, AddressFamily.InterNetworkV6), Has.Count.EqualTo(ClearTextRules.Of(4789, AddressFamily.InterNetwork).Count + 1));

    [Test]
    public void A_key_does_not_show_its_secret() => Assert.That(new TunnelKey(7, new byte[16]).ToString(), Is.EqualTo("key 7"));

    [Test]
    public void A_secret_of_another_length_is_refused() => Assert.That(() => new TunnelKey(7, new byte[15]), Throws.ArgumentException.With.Message.Contains("15 bytes"));
}
