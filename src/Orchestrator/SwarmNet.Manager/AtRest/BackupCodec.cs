using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SwarmNet.Ca;

namespace SwarmNet.Manager.AtRest;

/// <summary>
/// The bytes of a backup, described in <c>docs/manager-files.md</c>. Little endian:
/// <code>
///  0  "SWBACKUP"
///  8  u32 format version
/// 12  u32 flags: 1 = sealed with the unlock key
/// 16  u64 length of the state, as it stands in the file
/// 24  u64 index of the last log entry in it
/// 32  u64 term
/// 40  i64 time, milliseconds since 1970
/// 48  u16 length of the cluster's id, u16 length of the node's id
/// 52  cluster's id, node's id
///  n  state: a StoreSnapshot; sealed: a SealedBox of it, which authenticates all before as well
///  m  SHA-256 of all before
/// </code>
/// </summary>
public static class BackupCodec
{
    /// <summary>The version that is written and read.</summary>
    public const uint FormatVersion = 1;

    private const uint SealedFlag = 1;
    private const int FixedBytes = 52;

    private static ReadOnlySpan<byte> Magic => "SWBACKUP"u8;

    /// <summary>Whether a backup that begins so can be opened with an unlock key only; false also when it is no backup.</summary>
    /// <param name="start">The first bytes, 16 at least.</param>
    public static bool IsSealed(ReadOnlySpan<byte> start) =>
        start.Length >= 16 && start.StartsWith(Magic) && BinaryPrimitives.ReadUInt32LittleEndian(start[12..]) == SealedFlag;

    /// <summary>Whether the bytes are a backup from its beginning to its end, unchanged; no key is needed to tell.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> file) => TryReadParts(file, out _, out _) == BackupStatus.Open;

    /// <summary>The whole file.</summary>
    /// <param name="header">Ids are at most 65,535 bytes.</param>
    /// <param name="state">The store as a StoreSnapshot.</param>
    /// <param name="unlockKey">Seals it; null = in the clear.</param>
    public static byte[] Encode(BackupHeader header, ReadOnlySpan<byte> state, UnlockKey? unlockKey)
    {
        ArgumentNullException.ThrowIfNull(header);
        var cluster = Encoding.UTF8.GetBytes(header.ClusterId);
        var node = Encoding.UTF8.GetBytes(header.NodeId);
        var headerBytes = FixedBytes + cluster.Length + node.Length;
        var stateBytes = state.Length + (unlockKey is null ? 0 : SealedBox.OverheadBytes);
        var file = new byte[headerBytes + stateBytes + SHA256.HashSizeInBytes];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(12), unlockKey is null ? 0 : SealedFlag);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(16), (ulong)stateBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(24), header.Index);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), header.Term);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(40), header.Time.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(48), checked((ushort)cluster.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(50), checked((ushort)node.Length));
        cluster.CopyTo(file, FixedBytes);
        node.CopyTo(file, FixedBytes + cluster.Length);
        var body = file.AsSpan(headerBytes, stateBytes);
        if (unlockKey is null)
        {
            state.CopyTo(body);
        }
        else
        {
            SealedBox.Seal(unlockKey.Bytes.Span, state, body, file.AsSpan(0, headerBytes));
        }

        SHA256.HashData(file.AsSpan(0, headerBytes + stateBytes), file.AsSpan(headerBytes + stateBytes));
        return file;
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="file">The bytes.</param>
    /// <param name="unlockKey">Opens a sealed one; of no use otherwise.</param>
    /// <param name="header">What it says of itself, when that can be read.</param>
    /// <param name="state">The StoreSnapshot, when the status is <see cref="BackupStatus.Open"/>.</param>
    public static BackupStatus TryDecode(ReadOnlyMemory<byte> file, UnlockKey? unlockKey, out BackupHeader? header, out ReadOnlyMemory<byte> state)
    {
        state = default;
        var status = TryReadParts(file.Span, out header, out var headerBytes);
        if (status != BackupStatus.Open)
        {
            return status;
        }

        var body = file[headerBytes..^SHA256.HashSizeInBytes];
        if (!IsSealed(file.Span))
        {
            state = body;
            return BackupStatus.Open;
        }

        if (unlockKey is null)
        {
            return BackupStatus.Locked;
        }

        if (SealedBox.TryOpen(unlockKey.Bytes.Span, body.Span, file.Span[..headerBytes]) is not { } opened)
        {
            return BackupStatus.WrongKey;
        }

        state = opened;
        return BackupStatus.Open;
    }

    private static BackupStatus TryReadParts(ReadOnlySpan<byte> file, out BackupHeader? header, out int headerBytes)
    {
        header = null;
        headerBytes = 0;
        if (!file.StartsWith(Magic[..Math.Min(Magic.Length, file.Length)]) || file.IsEmpty)
        {
            return BackupStatus.NoBackup;
        }

        if (file.Length >= 12 && BinaryPrimitives.ReadUInt32LittleEndian(file[8..]) != FormatVersion)
        {
            return BackupStatus.OtherVersion;
        }

        if (file.Length < FixedBytes)
        {
            return BackupStatus.Truncated;
        }

        int clusterBytes = BinaryPrimitives.ReadUInt16LittleEndian(file[48..]);
        int nodeBytes = BinaryPrimitives.ReadUInt16LittleEndian(file[50..]);
        headerBytes = FixedBytes + clusterBytes + nodeBytes;
        var rest = (ulong)Math.Max(0, file.Length - headerBytes - SHA256.HashSizeInBytes);
        var stateBytes = BinaryPrimitives.ReadUInt64LittleEndian(file[16..]);
        if (file.Length < headerBytes + SHA256.HashSizeInBytes || rest < stateBytes)
        {
            return BackupStatus.Truncated;
        }

        if (rest != stateBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(file[12..]) > SealedFlag
            || !SHA256.HashData(file[..^SHA256.HashSizeInBytes]).AsSpan().SequenceEqual(file[^SHA256.HashSizeInBytes..])
            || !TryReadTime(BinaryPrimitives.ReadInt64LittleEndian(file[40..]), out var time))
        {
            return BackupStatus.Damaged;
        }

        header = new BackupHeader(
            Encoding.UTF8.GetString(file.Slice(FixedBytes, clusterBytes)),
            Encoding.UTF8.GetString(file.Slice(FixedBytes + clusterBytes, nodeBytes)),
            BinaryPrimitives.ReadUInt64LittleEndian(file[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(file[32..]),
            time);
        return BackupStatus.Open;
    }

    private static bool TryReadTime(long milliseconds, out DateTimeOffset time)
    {
        var isValid = milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        time = isValid ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : default;
        return isValid;
    }
}
