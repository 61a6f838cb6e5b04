using System.Diagnostics.CodeAnalysis;
using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>A table as the kernel lists it.</summary>
/// <param name="Table">Family and name.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Handle">The kernel's number.</param>
/// <param name="Comment">nft(8)'s comment, null when there is none.</param>
public sealed record NfTableEntry(NfTable Table, NfTableFlags Flags, ulong Handle, string? Comment)
{
    /// <summary>Reads a table; false for another message or bad bytes.</summary>
    public static bool TryRead(in NetlinkMessage message, [NotNullWhen(true)] out NfTableEntry? entry)
    {
        entry = null;
        if (!NfMessages.Is(message, NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE) || !message.Attributes(NfGenMsgLength).TryFind(NFTA_TABLE_NAME, out NetlinkAttribute name))
        {
            return false;
        }

        NetlinkAttributeReader attributes = message.Attributes(NfGenMsgLength);
        entry = new NfTableEntry(
            new NfTable(NfMessages.Family(message), name.GetString()),
            (NfTableFlags)NfMessages.UInt32(attributes, NFTA_TABLE_FLAGS),
            NfMessages.UInt64(attributes, NFTA_TABLE_HANDLE),
            NfMessages.Comment(attributes, NFTA_TABLE_USERDATA, NfUserData.TableComment));
        return true;
    }
}
