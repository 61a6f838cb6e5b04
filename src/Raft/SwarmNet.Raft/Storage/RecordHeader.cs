using System.Buffers.Binary;

namespace SwarmNet.Raft;

/// <summary>
/// A record on disk, little endian:
/// <code>
///  0 u32 length      bytes of the body (type..payload)
///  4 u32 flags       bit 0: last record of its batch
///  8 u64 batch       counts up by one per fsync
/// 16 u32 chain       check of the record before (crosses segments)
/// 20 u32 headerCheck CRC-32C of bytes 0..19
/// 24 u8  type        RecordType        \
/// 25 u8  entryType   EntryType or 0     | body
/// 26 u64 term                           |
/// 34 u64 index                          |
/// 42 …   payload                       /
/// 24+length u32 check  CRC-32C of the body, continued from headerCheck
/// </code>
/// The header has a check of its own so that a damaged length is told apart from a record cut off by a crash.
/// </summary>
internal readonly record struct RecordHeader(int LengthBytes, bool EndsBatch, ulong Batch, uint Chain, uint HeaderCheck)
{
    public const int HeaderBytes = 24;
    public const int BodyPrefixBytes = 18;
    public const int TrailerBytes = 4;
    public const int OverheadBytes = HeaderBytes + BodyPrefixBytes + TrailerBytes;

    /// <summary>Largest body: 64 MiB. More is taken for damage.</summary>
    public const int MaxLengthBytes = 64 << 20;

    public int TotalBytes => HeaderBytes + LengthBytes + TrailerBytes;

    /// <summary>Parses 24 bytes; false when the check or a limit says that this is no header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> source, out RecordHeader header)
    {
        header = default;
        if (source.Length < HeaderBytes)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(source);
        uint check = BinaryPrimitives.ReadUInt32LittleEndian(source[20..]);
        if (length is < BodyPrefixBytes or > MaxLengthBytes || check != Crc32C.Append(0, source[..20]))
        {
            return false;
        }

        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        header = new RecordHeader(
            (int)length,
            (flags & 1) != 0,
            BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[16..]),
            check);
        return true;
    }

    /// <summary>Writes a whole record; returns its check, the chain of the next one. <paramref name="destination"/> holds exactly the record.</summary>
    public static uint Write(
        Span<byte> destination, ulong batch, bool endsBatch, uint chain, RecordType type, byte entryType, ulong term, ulong index, int payloadBytes)
    {
        int length = BodyPrefixBytes + payloadBytes;
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], endsBatch ? 1u : 0u);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], batch);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[16..], chain);
        uint headerCheck = Crc32C.Append(0, destination[..20]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[20..], headerCheck);
        Span<byte> body = destination.Slice(HeaderBytes, length);
        body[0] = (byte)type;
        body[1] = entryType;
        BinaryPrimitives.WriteUInt64LittleEndian(body[2..], term);
        BinaryPrimitives.WriteUInt64LittleEndian(body[10..], index);
        uint check = Crc32C.Append(headerCheck, body);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[(HeaderBytes + length)..], check);
        return check;
    }
}
