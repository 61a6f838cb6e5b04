using System.Text;

namespace SwarmNet.Raft.Tests;

public class Crc32CTests
{
    // RFC 3720 §B.4 and the usual check value.
    [TestCase("123456789", 0xE3069283u)]
    [TestCase("", 0u)]
    public void Known_values(string text, uint expected) => Assert.That(Crc32C.Append(0, Encoding.ASCII.GetBytes(text)), Is.EqualTo(expected));

    [Test]
    public void Thirty_two_zeros_and_split_input()
    {
        byte[] data = new byte[32];
        Assert.That(Crc32C.Append(0, data), Is.EqualTo(0x8A9136AAu));
        for (int split = 0; split <= data.Length; split++)
        {
            Assert.That(Crc32C.Append(Crc32C.Append(0, data.AsSpan(0, split)), data.AsSpan(split)), Is.EqualTo(0x8A9136AAu));
        }
    }
}
