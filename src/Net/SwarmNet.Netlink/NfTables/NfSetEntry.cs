using System.Diagnostics.CodeAnalysis;
using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>A set or map as the kernel lists it.</summary>
/// <param name="Table">Its table.</param>
/// <param name="Set">What it was made as, all flags included.</param>
/// <param name="Handle">The kernel's number.</param>
public sealed record NfSetEntry(NfTable Table, NfSet Set, ulong Handle)
{
    /// <summary>Reads a set; false for another message or bad bytes.</summary>
    public static bool TryRead(in NetlinkMessage message, [NotNullWhen(true)] out NfSetEntry? entry)
    {
        entry = null;
        if (!NfMessages.Is(message, NFT_MSG_NEWSET, NFT_MSG_DELSET) || !message.Attributes(NfGenMsgLength).TryFind(NFTA_SET_NAME, out NetlinkAttribute name))
        {
            return false;
        }

        NetlinkAttributeReader attributes = message.Attributes(NfGenMsgLength);
        var flags = (NfSetFlags)NfMessages.UInt32(attributes, NFTA_SET_FLAGS);
        NetlinkAttributeReader description = attributes.TryFind(NFTA_SET_DESC, out NetlinkAttribute desc) ? desc.Nested : default;
        entry = new NfSetEntry(
            new NfTable(NfMessages.Family(message), NfMessages.Text(attributes, NFTA_SET_TABLE)),
            new NfSet
            {
                Name = name.GetString(),
                Flags = flags,
                Key = new NfType(NfMessages.UInt32(attributes, NFTA_SET_KEY_TYPE), (int)NfMessages.UInt32(attributes, NFTA_SET_KEY_LEN)),
                Data = (flags & NfSetFlags.Map) != 0 ? ReadData(attributes) : null,
                Object = attributes.TryFind(NFTA_SET_OBJ_TYPE, out NetlinkAttribute type) ? (NfObjectType)type.UInt32BigEndian : null,
                Size = (int)NfMessages.UInt32(description, NFTA_SET_DESC_SIZE),
                // A timeout beyond TimeSpan is beyond every life.
                Timeout = TimeSpan.FromMilliseconds(Math.Min(NfMessages.UInt64(attributes, NFTA_SET_TIMEOUT), (ulong)long.MaxValue / TimeSpan.TicksPerMillisecond)),
                Id = NfMessages.UInt32(attributes, NFTA_SET_ID),
                Expressions = NfExpression.DecodeAttached(attributes, NFTA_SET_EXPR, NFTA_SET_EXPRESSIONS),
                ConcatLengths = ReadConcat(description),
                Comment = NfMessages.Comment(attributes, NFTA_SET_USERDATA, NfUserData.SetComment),
            },
            NfMessages.UInt64(attributes, NFTA_SET_HANDLE));
        return true;
    }

    private static NfType ReadData(NetlinkAttributeReader attributes)
    {
        uint id = NfMessages.UInt32(attributes, NFTA_SET_DATA_TYPE);
        // The kernel does not repeat the length of verdicts.
        return id == NfType.Verdict.Id ? NfType.Verdict : new NfType(id, (int)NfMessages.UInt32(attributes, NFTA_SET_DATA_LEN));
    }

    private static List<int> ReadConcat(NetlinkAttributeReader description)
    {
        var lengths = new List<int>();
        if (description.TryFind(NFTA_SET_DESC_CONCAT, out NetlinkAttribute concat))
        {
            NetlinkAttributeReader fields = concat.Nested;
            while (fields.TryRead(out NetlinkAttribute field))
            {
                lengths.Add((int)NfMessages.UInt32(field.Nested, NFTA_SET_FIELD_LEN));
            }
        }

        return lengths;
    }
}
