using System.Buffers.Binary;
using System.Security.Cryptography;
using SwarmNet.Ca;

namespace SwarmNet.Manager.AtRest;

/// <summary>
/// The bytes of a manager's key file, described in <c>docs/manager-files.md</c>. Little endian:
/// <code>
///  0  "SWMGRKEY"
///  8  u32 format version
/// 12  u32 flags: 1 = sealed with the unlock key
/// 16  u64 version of the cluster object that decided so
/// 24  u32 length of the body
/// 28  body: u32 number of data keys, 32 bytes each, newest first, 32 bytes certificate key; sealed: a SealedBox of that,
///     which authenticates bytes 0 to 27 as well
///  n  SHA-256 of all before: tells damage from a wrong unlock key
/// </code>
/// </summary>
internal static class KeyFileCodec
{
    public const uint FormatVersion = 1;
    private const uint SealedFlag = 1;
    private const int HeaderBytes = 28;
    private const int MaxDataKeys = 64;

    private static ReadOnlySpan<byte> Magic => "SWMGRKEY"u8;

    /// <param name="contents">What to write.</param>
    /// <param name="unlockKey">Seals it; null = in the clear.</param>
    public static byte[] Encode(KeyFileContents contents, UnlockKey? unlockKey)
    {
        var keys = contents.Keys;
        var plain = new byte[sizeof(uint) + ((keys.DataKeys.Count + 1) * SealedBox.KeyBytes)];
        BinaryPrimitives.WriteUInt32LittleEndian(plain, (uint)keys.DataKeys.Count);
        var at = sizeof(uint);
        foreach (var key in keys.DataKeys.Append(keys.CertificateKey))
        {
            key.Span.CopyTo(plain.AsSpan(at));
            at += SealedBox.KeyBytes;
        }

        var bodyBytes = plain.Length + (unlockKey is null ? 0 : SealedBox.OverheadBytes);
        var file = new byte[HeaderBytes + bodyBytes + SHA256.HashSizeInBytes];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(12), unlockKey is null ? 0 : SealedFlag);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(16), contents.ClusterVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(24), (uint)bodyBytes);
        var body = file.AsSpan(HeaderBytes, bodyBytes);
        if (unlockKey is null)
        {
            plain.CopyTo(body);
        }
        else
        {
            SealedBox.Seal(unlockKey.Bytes.Span, plain, body, file.AsSpan(0, HeaderBytes));
        }

        SHA256.HashData(file.AsSpan(0, HeaderBytes + bodyBytes), file.AsSpan(HeaderBytes + bodyBytes));
        return file;
    }

    /// <param name="file">The whole file.</param>
    /// <param name="unlockKey">Opens a sealed one; of no use otherwise.</param>
    /// <param name="contents">What it says, when the status is <see cref="KeyFileStatus.Open"/>.</param>
    /// <param name="isSealed">Whether it is sealed, as far as that is known.</param>
    public static KeyFileStatus TryDecode(ReadOnlySpan<byte> file, UnlockKey? unlockKey, out KeyFileContents? contents, out bool isSealed)
    {
        contents = null;
        isSealed = false;
        if (file.Length < HeaderBytes + SHA256.HashSizeInBytes || !file.StartsWith(Magic)
            || !SHA256.HashData(file[..^SHA256.HashSizeInBytes]).AsSpan().SequenceEqual(file[^SHA256.HashSizeInBytes..]))
        {
            return KeyFileStatus.Damaged;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(file[8..]) != FormatVersion)
        {
            return KeyFileStatus.OtherVersion;
        }

        var flags = BinaryPrimitives.ReadUInt32LittleEndian(file[12..]);
        var body = file[HeaderBytes..^SHA256.HashSizeInBytes];
        if (flags > SealedFlag || BinaryPrimitives.ReadUInt32LittleEndian(file[24..]) != body.Length)
        {
            return KeyFileStatus.Damaged;
        }

        isSealed = flags == SealedFlag;
        if (isSealed)
        {
            if (unlockKey is null)
            {
                return KeyFileStatus.Locked;
            }

            if (SealedBox.TryOpen(unlockKey.Bytes.Span, body, file[..HeaderBytes]) is not { } opened)
            {
                return KeyFileStatus.WrongKey;
            }

            body = opened;
        }

        if (!TryReadKeys(body, out var keys))
        {
            return KeyFileStatus.Damaged;
        }

        contents = new KeyFileContents(keys!, BinaryPrimitives.ReadUInt64LittleEndian(file[16..]));
        return KeyFileStatus.Open;
    }

    private static bool TryReadKeys(ReadOnlySpan<byte> body, out ManagerKeys? keys)
    {
        keys = null;
        if (body.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32LittleEndian(body) is var count && count is 0 or > MaxDataKeys
            || body.Length != sizeof(uint) + (((int)count + 1) * SealedBox.KeyBytes))
        {
            return false;
        }

        var all = body[sizeof(uint)..].ToArray();
        var dataKeys = new ReadOnlyMemory<byte>[count];
        for (var i = 0; i < dataKeys.Length; i++)
        {
            dataKeys[i] = all.AsMemory(i * SealedBox.KeyBytes, SealedBox.KeyBytes);
        }

        keys = new ManagerKeys(dataKeys, all.AsMemory((int)count * SealedBox.KeyBytes, SealedBox.KeyBytes));
        return true;
    }
}
