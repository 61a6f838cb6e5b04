using System.Buffers;
using System.Buffers.Binary;

namespace SwarmNet.Raft;

/// <summary>
/// Messages as bytes, little endian:
/// <code>
///  0 u8 version (2)   1 u8 type   2 u8 flags (1 reject, 2 snapshot piece follows, 4 transfer, 8 piece is the last)   3 u8 0
///  4 u64 × 10: from, to, term, logIndex, logTerm, commit, hintIndex, hintTerm, context, offset
/// 84 u32 entries, then each: u8 type, u64 term, u32 bytes, data; indices count up from logIndex + 1
///    snapshot piece: u64 index, u64 term, u64 offset, u32 membership bytes, u32 data bytes, membership, data
/// </code>
/// </summary>
public static class RaftMessageCodec
{
    /// <summary>A message without entries and snapshot.</summary>
    internal const int FixedBytes = 88;

    private const byte Version = 2;
    private const int EntryHeaderBytes = 13;
    private const int SnapshotHeaderBytes = 32;
    private const byte RejectFlag = 1;
    private const byte SnapshotFlag = 2;
    private const byte TransferFlag = 4;
    private const byte LastPieceFlag = 8;

    /// <summary>How many bytes <see cref="Write"/> writes.</summary>
    public static int SizeOf(in RaftMessage message)
    {
        long size = FixedBytes;
        foreach (ref readonly LogEntry entry in message.Entries.Span)
        {
            size += EntryHeaderBytes + entry.Data.Length;
        }

        if (message.Snapshot is { } snapshot)
        {
            size += SnapshotHeaderBytes + snapshot.Membership.ByteCount + snapshot.Data.Length;
        }

        return checked((int)size);
    }

    /// <summary>Writes a message; allocates nothing itself.</summary>
    public static void Write(IBufferWriter<byte> writer, in RaftMessage message)
    {
        Span<byte> head = writer.GetSpan(FixedBytes);
        head[0] = Version;
        head[1] = (byte)message.Type;
        head[2] = (byte)((message.Reject ? RejectFlag : 0) | (message.Snapshot is null ? 0 : SnapshotFlag)
            | (message.Transfer ? TransferFlag : 0) | (message.Snapshot is { IsLast: true } ? LastPieceFlag : 0));
        head[3] = 0;
        BinaryPrimitives.WriteUInt64LittleEndian(head[4..], message.From);
        BinaryPrimitives.WriteUInt64LittleEndian(head[12..], message.To);
        BinaryPrimitives.WriteUInt64LittleEndian(head[20..], message.Term);
        BinaryPrimitives.WriteUInt64LittleEndian(head[28..], message.LogIndex);
        BinaryPrimitives.WriteUInt64LittleEndian(head[36..], message.LogTerm);
        BinaryPrimitives.WriteUInt64LittleEndian(head[44..], message.Commit);
        BinaryPrimitives.WriteUInt64LittleEndian(head[52..], message.HintIndex);
        BinaryPrimitives.WriteUInt64LittleEndian(head[60..], message.HintTerm);
        BinaryPrimitives.WriteUInt64LittleEndian(head[68..], message.Context);
        BinaryPrimitives.WriteUInt64LittleEndian(head[76..], message.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(head[84..], (uint)message.Entries.Length);
        writer.Advance(FixedBytes);
        foreach (ref readonly LogEntry entry in message.Entries.Span)
        {
            Span<byte> span = writer.GetSpan(EntryHeaderBytes);
            span[0] = (byte)entry.Type;
            BinaryPrimitives.WriteUInt64LittleEndian(span[1..], entry.Term);
            BinaryPrimitives.WriteUInt32LittleEndian(span[9..], (uint)entry.Data.Length);
            writer.Advance(EntryHeaderBytes);
            writer.Write(entry.Data.Span);
        }

        if (message.Snapshot is { } snapshot)
        {
            WriteSnapshot(writer, snapshot);
        }
    }

    /// <summary>Reads a whole message; false when the bytes are none. Entries and snapshot alias <paramref name="source"/>.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> source, out RaftMessage message)
    {
        message = default;
        ReadOnlySpan<byte> span = source.Span;
        if (span.Length < FixedBytes || span[0] != Version || span[1] is < (byte)RaftMessageType.RequestVote or > (byte)RaftMessageType.InstallSnapshotResponse)
        {
            return false;
        }

        RaftMessage parsed = new()
        {
            Type = (RaftMessageType)span[1],
            Reject = (span[2] & RejectFlag) != 0,
            From = BinaryPrimitives.ReadUInt64LittleEndian(span[4..]),
            To = BinaryPrimitives.ReadUInt64LittleEndian(span[12..]),
            Term = BinaryPrimitives.ReadUInt64LittleEndian(span[20..]),
            LogIndex = BinaryPrimitives.ReadUInt64LittleEndian(span[28..]),
            LogTerm = BinaryPrimitives.ReadUInt64LittleEndian(span[36..]),
            Commit = BinaryPrimitives.ReadUInt64LittleEndian(span[44..]),
            HintIndex = BinaryPrimitives.ReadUInt64LittleEndian(span[52..]),
            HintTerm = BinaryPrimitives.ReadUInt64LittleEndian(span[60..]),
            Context = BinaryPrimitives.ReadUInt64LittleEndian(span[68..]),
            Offset = BinaryPrimitives.ReadUInt64LittleEndian(span[76..]),
            Transfer = (span[2] & TransferFlag) != 0,
        };
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(span[84..]);
        ReadOnlyMemory<byte> rest = source[FixedBytes..];
        if (!TryParseEntries(ref rest, count, parsed.LogIndex, out LogEntry[] entries))
        {
            return false;
        }

        RaftSnapshotChunk? snapshot = null;
        if ((span[2] & SnapshotFlag) != 0 && !TryParseSnapshot(ref rest, (span[2] & LastPieceFlag) != 0, out snapshot))
        {
            return false;
        }

        message = parsed with { Entries = entries, Snapshot = snapshot };
        return rest.IsEmpty;
    }

    private static void WriteSnapshot(IBufferWriter<byte> writer, RaftSnapshotChunk snapshot)
    {
        byte[] membership = snapshot.Membership.ToBytes();
        Span<byte> span = writer.GetSpan(SnapshotHeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(span, snapshot.Index);
        BinaryPrimitives.WriteUInt64LittleEndian(span[8..], snapshot.Term);
        BinaryPrimitives.WriteUInt64LittleEndian(span[16..], snapshot.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(span[24..], (uint)membership.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(span[28..], checked((uint)snapshot.Data.Length));
        writer.Advance(SnapshotHeaderBytes);
        writer.Write(membership);
        foreach (ReadOnlyMemory<byte> segment in snapshot.Data)
        {
            writer.Write(segment.Span);
        }
    }

    private static bool TryParseEntries(ref ReadOnlyMemory<byte> rest, uint count, ulong previousIndex, out LogEntry[] entries)
    {
        entries = [];
        if (count > (uint)(rest.Length / EntryHeaderBytes))
        {
            return false;
        }

        entries = count == 0 ? [] : new LogEntry[count];
        for (int i = 0; i < entries.Length; i++)
        {
            ReadOnlySpan<byte> span = rest.Span;
            if (span.Length < EntryHeaderBytes)
            {
                return false;
            }

            uint bytes = BinaryPrimitives.ReadUInt32LittleEndian(span[9..]);
            if (bytes > (uint)(span.Length - EntryHeaderBytes))
            {
                return false;
            }

            ulong term = BinaryPrimitives.ReadUInt64LittleEndian(span[1..]);
            entries[i] = new LogEntry(term, previousIndex + (ulong)i + 1, (EntryType)span[0], rest.Slice(EntryHeaderBytes, (int)bytes));
            rest = rest[(EntryHeaderBytes + (int)bytes)..];
        }

        return true;
    }

    private static bool TryParseSnapshot(ref ReadOnlyMemory<byte> rest, bool isLast, out RaftSnapshotChunk? snapshot)
    {
        snapshot = null;
        ReadOnlySpan<byte> span = rest.Span;
        if (span.Length < SnapshotHeaderBytes)
        {
            return false;
        }

        uint membershipBytes = BinaryPrimitives.ReadUInt32LittleEndian(span[24..]);
        uint dataBytes = BinaryPrimitives.ReadUInt32LittleEndian(span[28..]);
        if ((ulong)membershipBytes + dataBytes > (ulong)(span.Length - SnapshotHeaderBytes)
            || !RaftMembership.TryParse(span.Slice(SnapshotHeaderBytes, (int)membershipBytes), out RaftMembership membership))
        {
            return false;
        }

        int offset = SnapshotHeaderBytes + (int)membershipBytes;
        snapshot = new RaftSnapshotChunk(
            BinaryPrimitives.ReadUInt64LittleEndian(span),
            BinaryPrimitives.ReadUInt64LittleEndian(span[8..]),
            membership,
            BinaryPrimitives.ReadUInt64LittleEndian(span[16..]),
            new ReadOnlySequence<byte>(rest.Slice(offset, (int)dataBytes)),
            isLast);
        rest = rest[(offset + (int)dataBytes)..];
        return true;
    }
}
