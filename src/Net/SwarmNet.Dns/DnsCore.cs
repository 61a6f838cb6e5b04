using System.Buffers.Binary;

namespace SwarmNet.Dns;

/// <summary>
/// Query to answer over a <see cref="ZoneView"/>: a pure function of its arguments that allocates nothing. Names that the zone knows are
/// answered here for A, AAAA and MX (with NODATA where there is no such data, never forwarded), known addresses for PTR; all else is to
/// be forwarded.
/// </summary>
public static class DnsCore
{
    /// <summary>Time to live of answers: short, since addresses follow tasks.</summary>
    public const uint TtlSeconds = 5;

    /// <summary>Largest UDP answer, whatever a client says.</summary>
    public const int MaxUdpLength = 4096;

    /// <summary>Smallest buffer for a response.</summary>
    public const int MinResponseLength = 512;

    private const ushort ClassIn = 1;

    /// <summary>Answers a query, or says what else to do with it.</summary>
    /// <param name="message">The received bytes.</param>
    /// <param name="zone">What the asking namespace may resolve.</param>
    /// <param name="transport">Limits the length of the answer.</param>
    /// <param name="random">Shuffles the addresses.</param>
    /// <param name="response">Receives the answer; at least <see cref="MinResponseLength"/> bytes.</param>
    /// <param name="length">Length of the answer; 0 unless the outcome is Respond.</param>
    public static DnsOutcome Answer(
        ReadOnlySpan<byte> message, ZoneView zone, DnsTransport transport, ref DnsRandom random, Span<byte> response, out int length)
    {
        length = 0;
        switch (DnsQuery.TryParse(message, out DnsQuery query))
        {
            case DnsQueryStatus.Ignore:
                return DnsOutcome.Ignore;
            case DnsQueryStatus.FormatError:
                length = WriteHeader(message, DnsResponseCode.FormatError, response);
                return DnsOutcome.Respond;
            case DnsQueryStatus.NotImplemented:
                length = WriteHeader(message, DnsResponseCode.NotImplemented, response);
                return DnsOutcome.Respond;
        }

        Span<char> text = stackalloc char[DnsName.MaxTextLength + 3];
        if (query.Class != ClassIn || !query.TryReadName(text, out int textLength))
        {
            return DnsOutcome.Forward;
        }

        ReadOnlySpan<char> name = text[..textLength];
        Span<byte> limited = response[..LimitOf(query, transport, response.Length)];
        switch (query.Type)
        {
            case DnsType.A or DnsType.AAAA or DnsType.MX when zone.TryFind(name, out ZoneAddresses? addresses):
                length = WriteAddresses(query, addresses, ref random, limited);
                return DnsOutcome.Respond;
            case DnsType.PTR when ReverseName.TryParse(name, out UInt128 address) && zone.TryFindReverse(address, out byte[]? target):
                var writer = new DnsResponseWriter(limited, query, DnsResponseCode.NoError);
                writer.TryAdd(DnsType.PTR, TtlSeconds, target);
                length = writer.Length;
                return DnsOutcome.Respond;
            default:
                return DnsOutcome.Forward;
        }
    }

    /// <summary>Writes an answer without records, for a query that upstream did not answer; returns its length, 0 when it is no query.</summary>
    public static int WriteError(ReadOnlySpan<byte> message, DnsResponseCode code, Span<byte> response)
    {
        switch (DnsQuery.TryParse(message, out DnsQuery query))
        {
            case DnsQueryStatus.Ok:
                return new DnsResponseWriter(response, query, code).Length;
            case DnsQueryStatus.Ignore:
                return 0;
            default:
                return WriteHeader(message, code, response);
        }
    }

    private static int LimitOf(in DnsQuery query, DnsTransport transport, int available) => transport == DnsTransport.Tcp
        ? Math.Min(available, ushort.MaxValue)
        : Math.Min(available, Math.Clamp((int)query.UdpPayloadSize, MinResponseLength, MaxUdpLength));

    private static int WriteAddresses(in DnsQuery query, ZoneAddresses addresses, ref DnsRandom random, Span<byte> response)
    {
        var writer = new DnsResponseWriter(response, query, DnsResponseCode.NoError);
        ReadOnlySpan<byte> all = query.Type switch
        {
            DnsType.A => addresses.IPv4,
            DnsType.AAAA => addresses.IPv6,
            _ => default,
        };
        int size = query.Type == DnsType.A ? 4 : 16;

        // 65,535 bytes hold at most 4,095 records of 16 bytes: more need no place in the shuffle, their order starts at random.
        int count = all.Length / size;
        int shuffled = Math.Min(count, 4096);
        Span<ushort> order = stackalloc ushort[shuffled];
        for (int i = 0; i < shuffled; i++)
        {
            int j = random.Next(i + 1);
            order[i] = order[j];
            order[j] = (ushort)i;
        }

        int start = count > shuffled ? random.Next(count) : 0;
        foreach (ushort index in order)
        {
            if (!writer.TryAdd(query.Type, TtlSeconds, all.Slice((start + index) % count * size, size)))
            {
                break;
            }
        }

        return writer.Length;
    }

    /// <summary>Only the header, for a question that could not be read.</summary>
    private static int WriteHeader(ReadOnlySpan<byte> message, DnsResponseCode code, Span<byte> response)
    {
        response[..DnsQuery.HeaderLength].Clear();
        message[..2].CopyTo(response);
        int opcodeAndRd = BinaryPrimitives.ReadUInt16BigEndian(message[2..]) & 0x7900;
        BinaryPrimitives.WriteUInt16BigEndian(response[2..], (ushort)(0x8080 | opcodeAndRd | (int)code));
        return DnsQuery.HeaderLength;
    }
}
