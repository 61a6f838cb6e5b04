using System.Buffers.Binary;
using System.Net;

namespace SwarmNet.Dns;

/// <summary>Makes queries and takes answers apart, written independently of the code under test.</summary>
internal static class DnsMessages
{
    internal static byte[] Query(string name, DnsType type, ushort id = 0x1234, ushort flags = 0x0100, ushort? ednsSize = null, ushort dnsClass = 1)
    {
        var bytes = new List<byte>();
        void U16(int v) => bytes.AddRange([(byte)(v >> 8), (byte)v]);
        U16(id);
        U16(flags);
        U16(1);
        U16(0);
        U16(0);
        U16(ednsSize is null ? 0 : 1);
        foreach (string label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(System.Text.Encoding.Latin1.GetBytes(label));
        }

        bytes.Add(0);
        U16((int)type);
        U16(dnsClass);
        if (ednsSize is { } size)
        {
            bytes.AddRange([0, 0, 41, (byte)(size >> 8), (byte)size, 0, 0, 0, 0, 0, 0]);
        }

        return [.. bytes];
    }

    internal static Answer Parse(ReadOnlySpan<byte> message, byte[] query)
    {
        int questionLength = query.AsSpan(12).IndexOf((byte)0) + 5;
        Assert.That(message[12..(12 + questionLength)].ToArray(), Is.EqualTo(query[12..(12 + questionLength)]), "the question is echoed");
        int count = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        var data = new List<byte[]>();
        int offset = 12 + questionLength;
        for (int i = 0; i < count; i++)
        {
            Assert.That(BinaryPrimitives.ReadUInt16BigEndian(message[offset..]), Is.EqualTo(0xc00c), "the owner is the question's name");
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 10)..]);
            data.Add(message.Slice(offset + 12, length).ToArray());
            offset += 12 + length;
        }

        Assert.That(offset, Is.EqualTo(message.Length), "nothing behind the answers");
        return new Answer(BinaryPrimitives.ReadUInt16BigEndian(message), BinaryPrimitives.ReadUInt16BigEndian(message[2..]), data);
    }

    internal sealed record Answer(ushort Id, ushort Flags, IReadOnlyList<byte[]> Data)
    {
        internal bool Truncated => (Flags & 0x0200) != 0;

        internal string[] Addresses => [.. Data.Select(d => new IPAddress(d).ToString())];
    }
}
