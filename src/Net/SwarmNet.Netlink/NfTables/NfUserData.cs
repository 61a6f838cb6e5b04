using System.Runtime.InteropServices;
using System.Text;

namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// User data of nf_tables objects: the kernel stores it, nft(8) and libnftnl define it (<c>libnftnl/udata.h</c>):
/// <code>type u8 | length u8 | value</code>
/// </summary>
internal static class NfUserData
{
    internal const byte RuleComment = 0;
    internal const byte TableComment = 0;
    internal const byte ChainComment = 0;
    internal const byte ObjectComment = 0;
    internal const byte ElementComment = 0;
    internal const byte SetKeyByteOrder = 0;
    internal const byte SetDataByteOrder = 1;
    internal const byte SetComment = 7;

    /// <summary>Longest comment in bytes of UTF-8, without its NUL (NFTNL_UDATA_COMMENT_MAXLEN).</summary>
    internal const int MaxCommentBytes = 127;

    private const uint HostEndian = 1;

    /// <summary>An attribute that holds one comment.</summary>
    internal static void PutComment(NetlinkWriter writer, ushort attribute, byte type, string comment)
    {
        int length = CommentBytes(comment);
        WriteComment(writer.PutSpan(attribute, 2 + length + 1), type, comment, length);
    }

    /// <summary>User data of a set: which numbers are in host order (nft(8) assumes network order), and a comment.</summary>
    internal static void PutSet(NetlinkWriter writer, ushort attribute, bool hostOrderKey, bool hostOrderData, string? comment)
    {
        int commentBytes = comment is null ? -1 : CommentBytes(comment);
        int total = (hostOrderKey ? 6 : 0) + (hostOrderData ? 6 : 0) + (comment is null ? 0 : commentBytes + 3);
        if (total == 0)
        {
            return;
        }

        Span<byte> span = writer.PutSpan(attribute, total);
        if (hostOrderKey)
        {
            WriteNumber(span, SetKeyByteOrder, HostEndian);
            span = span[6..];
        }

        if (hostOrderData)
        {
            WriteNumber(span, SetDataByteOrder, HostEndian);
            span = span[6..];
        }

        if (comment is not null)
        {
            WriteComment(span, SetComment, comment, commentBytes);
        }
    }

    /// <summary>The value of a type in user data, false when it is not there or does not fit.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> userData, byte type, out ReadOnlySpan<byte> value)
    {
        while (userData.Length >= 2 && userData[1] <= userData.Length - 2)
        {
            value = userData.Slice(2, userData[1]);
            if (userData[0] == type)
            {
                return true;
            }

            userData = userData[(2 + value.Length)..];
        }

        value = default;
        return false;
    }

    /// <summary>The comment in user data, null when there is none.</summary>
    internal static string? Comment(ReadOnlySpan<byte> userData, byte type) =>
        TryFind(userData, type, out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value.TrimEnd((byte)0)) : null;

    private static int CommentBytes(string comment)
    {
        int length = Encoding.UTF8.GetByteCount(comment);
        return length <= MaxCommentBytes
            ? length
            : throw new ArgumentException($"A comment may have {MaxCommentBytes} bytes of UTF-8, this one has {length}.", nameof(comment));
    }

    private static void WriteComment(Span<byte> span, byte type, string comment, int length)
    {
        span[0] = type;
        span[1] = (byte)(length + 1);
        Encoding.UTF8.GetBytes(comment, span[2..]);
    }

    private static void WriteNumber(Span<byte> span, byte type, uint value)
    {
        span[0] = type;
        span[1] = 4;
        MemoryMarshal.Write(span[2..], value);
    }
}
