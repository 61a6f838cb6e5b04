using System.Buffers.Binary;

namespace SwarmNet.Dns;

/// <summary>
/// Writes a response: header, the echoed question, then answers whose owner is the question's name (a pointer to offset 12, so it is
/// spelled as asked). A record that does not fit is left out and TC is set.
/// </summary>
public ref struct DnsResponseWriter
{
    private const ushort QR = 0x8000;
    private const ushort TC = 0x0200;
    private const ushort RD = 0x0100;
    private const ushort RA = 0x0080;
    private const ushort OwnerIsQuestion = 0xc00c;
    private const ushort ClassIn = 1;

    private readonly Span<byte> _buffer;
    private ushort _answers;

    /// <summary>Starts a response of at most <paramref name="buffer"/>'s length, which must hold header and question (512 bytes do).</summary>
    public DnsResponseWriter(Span<byte> buffer, in DnsQuery query, DnsResponseCode code)
    {
        _buffer = buffer;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, query.Id);
        int flags = QR | RA | (query.RecursionDesired ? RD : 0) | (int)code;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[4..], 1);
        buffer[6..12].Clear();
        query.Question.CopyTo(buffer[DnsQuery.HeaderLength..]);
        Length = DnsQuery.HeaderLength + query.Question.Length;
    }

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Adds an answer; false when it did not fit, after which no more must be added.</summary>
    public bool TryAdd(DnsType type, uint ttlSeconds, ReadOnlySpan<byte> data)
    {
        // owner u16 | TYPE u16 | CLASS u16 | TTL u32 | RDLENGTH u16 | RDATA
        if (_buffer.Length - Length < 12 + data.Length)
        {
            _buffer[2] |= TC >> 8;
            return false;
        }

        Span<byte> record = _buffer[Length..];
        BinaryPrimitives.WriteUInt16BigEndian(record, OwnerIsQuestion);
        BinaryPrimitives.WriteUInt16BigEndian(record[2..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(record[4..], ClassIn);
        BinaryPrimitives.WriteUInt32BigEndian(record[6..], ttlSeconds);
        BinaryPrimitives.WriteUInt16BigEndian(record[10..], (ushort)data.Length);
        data.CopyTo(record[12..]);
        Length += 12 + data.Length;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[6..], ++_answers);
        return true;
    }
}
