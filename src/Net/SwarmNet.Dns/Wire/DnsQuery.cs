using System.Buffers.Binary;

namespace SwarmNet.Dns;

/// <summary>
/// A query with one question (RFC 1035 §4.1); a view of the received bytes.
/// <code>
/// 0  ID            2  QR|OPCODE|AA|TC|RD|RA|Z|RCODE
/// 4  QDCOUNT = 1   6  ANCOUNT   8  NSCOUNT   10  ARCOUNT (an OPT record of RFC 6891 at most matters)
/// 12 QNAME … QTYPE QCLASS
/// </code>
/// </summary>
public readonly ref struct DnsQuery
{
    /// <summary>Length of the header.</summary>
    public const int HeaderLength = 12;

    private const ushort QR = 0x8000;
    private const ushort OpcodeMask = 0x7800;
    private const ushort RD = 0x0100;

    private DnsQuery(ReadOnlySpan<byte> message, int questionEnd, ushort udpPayloadSize)
    {
        Message = message;
        Question = message[HeaderLength..questionEnd];
        UdpPayloadSize = udpPayloadSize;
    }

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Message { get; }

    /// <summary>Name, type and class as received, to be echoed.</summary>
    public ReadOnlySpan<byte> Question { get; }

    /// <summary>What the client's OPT record says it can receive; 0 without one.</summary>
    public ushort UdpPayloadSize { get; }

    /// <summary>ID.</summary>
    public ushort Id => BinaryPrimitives.ReadUInt16BigEndian(Message);

    /// <summary>RD: the client wants recursion.</summary>
    public bool RecursionDesired => (BinaryPrimitives.ReadUInt16BigEndian(Message[2..]) & RD) != 0;

    /// <summary>QTYPE.</summary>
    public DnsType Type => (DnsType)BinaryPrimitives.ReadUInt16BigEndian(Question[^4..]);

    /// <summary>QCLASS; 1 = IN.</summary>
    public ushort Class => BinaryPrimitives.ReadUInt16BigEndian(Question[^2..]);

    /// <summary>Reads a query.</summary>
    public static DnsQueryStatus TryParse(ReadOnlySpan<byte> message, out DnsQuery query)
    {
        query = default;
        if (message.Length < HeaderLength)
        {
            return DnsQueryStatus.Ignore;
        }

        ushort flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if ((flags & QR) != 0)
        {
            // Answering an answer could make two servers talk for ever.
            return DnsQueryStatus.Ignore;
        }

        if ((flags & OpcodeMask) != 0)
        {
            return DnsQueryStatus.NotImplemented;
        }

        if (BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1
            || !TrySkipPlainName(message, out int nameEnd)
            || nameEnd + 4 > message.Length
            || !TryFindPayloadSize(message, nameEnd + 4, out ushort size))
        {
            return DnsQueryStatus.FormatError;
        }

        query = new DnsQuery(message, nameEnd + 4, size);
        return DnsQueryStatus.Ok;
    }

    /// <summary>Reads the name asked for, as <see cref="DnsName.TryRead"/> does.</summary>
    public bool TryReadName(Span<char> text, out int length) => DnsName.TryRead(Message, HeaderLength, text, out length, out _);

    /// <summary>The question comes first, so a pointer in it has nothing to point at.</summary>
    private static bool TrySkipPlainName(ReadOnlySpan<byte> message, out int end)
    {
        end = HeaderLength;
        while (end < message.Length && message[end] is > 0 and < 64)
        {
            end += 1 + message[end];
        }

        bool plain = end < message.Length && message[end] == 0 && end - HeaderLength < DnsName.MaxWireLength;
        end++;
        return plain;
    }

    private static bool TryFindPayloadSize(ReadOnlySpan<byte> message, int offset, out ushort size)
    {
        size = 0;
        int records = BinaryPrimitives.ReadUInt16BigEndian(message[6..])
            + BinaryPrimitives.ReadUInt16BigEndian(message[8..])
            + BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        for (int i = 0; i < records; i++)
        {
            // NAME | TYPE u16 | CLASS u16 | TTL u32 | RDLENGTH u16 | RDATA
            if (!DnsName.TrySkip(message, offset, out int fields) || fields + 10 > message.Length)
            {
                return false;
            }

            offset = fields + 10 + BinaryPrimitives.ReadUInt16BigEndian(message[(fields + 8)..]);
            if (offset > message.Length)
            {
                return false;
            }

            if (BinaryPrimitives.ReadUInt16BigEndian(message[fields..]) == (ushort)DnsType.OPT)
            {
                size = BinaryPrimitives.ReadUInt16BigEndian(message[(fields + 2)..]);
            }
        }

        return true;
    }
}
