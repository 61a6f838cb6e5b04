using System.Buffers.Binary;

namespace SwarmNet.Raft;

/// <summary>
/// The first 64 bytes of a segment file, little endian:
/// <code>
///  0 8×u8 "SWRAFTLG"      24 u64 sequence (file after file, +1)
///  8 u32  format version  32 u64 index of the next entry when it was opened
/// 12 u32  transform id    40 u64 number of the next batch
/// 16 u64  node id         48 u32 chain (check of the last record before)
///                         52 u32 0     56 u32 0     60 u32 CRC-32C of bytes 0..59
/// </code>
/// </summary>
internal readonly record struct SegmentHeader(uint TransformId, ulong NodeId, ulong Sequence, ulong NextIndex, ulong NextBatch, uint Chain)
{
    public const int Bytes = 64;
    public const uint FormatVersion = 1;

    private static ReadOnlySpan<byte> Magic => "SWRAFTLG"u8;

    public static HeaderStatus TryParse(ReadOnlySpan<byte> source, out SegmentHeader header)
    {
        header = default;
        if (source.Length < Bytes || !source.StartsWith(Magic))
        {
            return HeaderStatus.Damaged;
        }

        // The version comes before the check: another version may check otherwise.
        if (BinaryPrimitives.ReadUInt32LittleEndian(source[8..]) != FormatVersion)
        {
            return HeaderStatus.OtherVersion;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(source[60..]) != Crc32C.Append(0, source[..60]))
        {
            return HeaderStatus.Damaged;
        }

        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[40..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[48..]));
        return HeaderStatus.Ok;
    }

    public void Write(Span<byte> destination)
    {
        destination[..Bytes].Clear();
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], TransformId);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], NodeId);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], NextIndex);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[40..], NextBatch);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[48..], Chain);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[60..], Crc32C.Append(0, destination[..60]));
    }
}
