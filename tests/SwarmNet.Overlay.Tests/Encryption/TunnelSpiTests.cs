using System.Net;

namespace SwarmNet.Overlay.Encryption;

public sealed class TunnelSpiTests
{
    // Known values of libnetwork's algorithm.
    [TestCase("10.99.0.2", "10.99.0.1", 105u, 0xc5d10bcfu)]
    [TestCase("10.99.0.2", "10.99.0.1", 40201u, 0x393f4672u)]
    [TestCase("10.99.0.1", "10.99.0.2", 105u, 0x76990a9fu)]
    [TestCase("10.99.0.1", "10.99.0.2", 40201u, 0x0f346f62u)]
    public void It_is_the_index_that_stock_engines_compute(string source, string destination, uint tag, uint expected) =>
        Assert.That(TunnelSpi.Of(IPAddress.Parse(source), IPAddress.Parse(destination), tag), Is.EqualTo(expected));

    [Test]
    public void Addresses_count_as_16_bytes()
    {
        Assert.That(
            TunnelSpi.Of(IPAddress.Parse("::ffff:10.99.0.2"), IPAddress.Parse("::ffff:10.99.0.1"), 105),
            Is.EqualTo(TunnelSpi.Of(IPAddress.Parse("10.99.0.2"), IPAddress.Parse("10.99.0.1"), 105)));
        // FNV-1a written out over 2001:db8::1, tag 1, 2001:db8::2.
        byte[] text = [.. IPAddress.Parse("2001:db8::1").GetAddressBytes(), 0, 0, 0, 1, .. IPAddress.Parse("2001:db8::2").GetAddressBytes()];
        uint hash = 2166136261;
        foreach (byte value in text)
        {
            hash = unchecked((hash ^ value) * 16777619);
        }

        Assert.That(TunnelSpi.Of(IPAddress.Parse("2001:db8::1"), IPAddress.Parse("2001:db8::2"), 1), Is.EqualTo(hash));
    }
}
