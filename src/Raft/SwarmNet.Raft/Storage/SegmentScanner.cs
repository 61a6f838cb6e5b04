using System.Buffers.Binary;

namespace SwarmNet.Raft;

/// <summary>
/// Finds the complete batches in a segment and says what is wrong after them. A crash can leave the last batch short, or, if the file system
/// grew the file first, with sectors of zeros; nothing follows it. Everything else is damage to data that may have been acknowledged.
/// </summary>
internal ref struct SegmentScanner
{
    private const int SectorBytes = 512;

    // Shorter runs of zeros occur in sound records.
    private const int LeastZeroBytes = 16;

    private readonly ReadOnlySpan<byte> _file;

    public SegmentScanner(ReadOnlySpan<byte> file, in SegmentHeader header)
    {
        _file = file;
        ValidBytes = SegmentHeader.Bytes;
        Chain = header.Chain;
        NextBatch = header.NextBatch;
    }

    /// <summary>The end of the last complete batch.</summary>
    public int ValidBytes { get; private set; }

    /// <summary>The check of the last record of the last complete batch.</summary>
    public uint Chain { get; private set; }

    public ulong NextBatch { get; private set; }

    /// <summary>Where the first bad record starts, when not clean.</summary>
    public int BadOffset { get; private set; }

    /// <summary>Adds the records of complete batches to <paramref name="records"/>.</summary>
    public ScanStatus Scan(List<ScannedRecord> records)
    {
        int offset = ValidBytes;
        int completeCount = records.Count;
        uint chain = Chain;
        ScanStatus status = ScanStatus.Clean;
        while (offset < _file.Length)
        {
            if (!TryReadRecord(offset, chain, out RecordHeader header, out ScannedRecord record))
            {
                status = IsTorn(offset) ? ScanStatus.Torn : ScanStatus.Corrupt;
                break;
            }

            records.Add(record);
            offset += header.TotalBytes;
            chain = BinaryPrimitives.ReadUInt32LittleEndian(_file[(offset - RecordHeader.TrailerBytes)..]);
            if (header.EndsBatch)
            {
                ValidBytes = offset;
                Chain = chain;
                NextBatch++;
                completeCount = records.Count;
            }
        }

        BadOffset = offset;
        records.RemoveRange(completeCount, records.Count - completeCount);
        return status == ScanStatus.Clean && offset != ValidBytes ? ScanStatus.Torn : status;
    }

    private readonly bool TryReadRecord(int offset, uint chain, out RecordHeader header, out ScannedRecord record)
    {
        record = default;
        if (!RecordHeader.TryParse(_file[offset..], out header) || header.Batch != NextBatch || header.Chain != chain
            || header.TotalBytes > _file.Length - offset)
        {
            return false;
        }

        ReadOnlySpan<byte> body = _file.Slice(offset + RecordHeader.HeaderBytes, header.LengthBytes);
        uint check = BinaryPrimitives.ReadUInt32LittleEndian(_file[(offset + RecordHeader.HeaderBytes + header.LengthBytes)..]);
        if (check != Crc32C.Append(header.HeaderCheck, body))
        {
            return false;
        }

        record = new ScannedRecord(
            (RecordType)body[0],
            body[1],
            BinaryPrimitives.ReadUInt64LittleEndian(body[2..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[10..]),
            offset + RecordHeader.HeaderBytes + RecordHeader.BodyPrefixBytes,
            header.LengthBytes - RecordHeader.BodyPrefixBytes);
        return true;
    }

    private readonly bool IsTorn(int offset)
    {
        ReadOnlySpan<byte> rest = _file[offset..];
        if (rest.Length < RecordHeader.HeaderBytes)
        {
            return true;
        }

        if (RecordHeader.TryParse(rest, out RecordHeader header))
        {
            if (header.Batch != NextBatch)
            {
                return false;
            }

            if (header.TotalBytes > rest.Length)
            {
                return true;
            }

            return HasZeroSector(offset, offset + header.TotalBytes) && !IsFollowedByLaterBatch(offset);
        }

        return HasZeroSector(offset, _file.Length) && !IsFollowedByLaterBatch(offset);
    }

    private readonly bool HasZeroSector(int start, int end)
    {
        for (int from = start; from < end;)
        {
            int to = Math.Min(end, (from / SectorBytes * SectorBytes) + SectorBytes);
            if (to - from >= LeastZeroBytes && !_file[from..to].ContainsAnyExcept((byte)0))
            {
                return true;
            }

            from = to;
        }

        return false;
    }

    // A later batch was only written after this one was durable.
    private readonly bool IsFollowedByLaterBatch(int offset)
    {
        for (int at = offset + 1; at <= _file.Length - RecordHeader.OverheadBytes; at++)
        {
            if (RecordHeader.TryParse(_file[at..], out RecordHeader header) && header.Batch > NextBatch)
            {
                return true;
            }
        }

        return false;
    }
}
