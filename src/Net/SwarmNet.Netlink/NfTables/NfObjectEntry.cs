using System.Diagnostics.CodeAnalysis;
using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>A named object as the kernel lists it.</summary>
/// <param name="Table">Its table.</param>
/// <param name="Object">What it is.</param>
/// <param name="Handle">The kernel's number.</param>
/// <param name="Comment">nft(8)'s comment, null when there is none.</param>
public sealed record NfObjectEntry(NfTable Table, NfObject Object, ulong Handle, string? Comment)
{
    /// <summary>Reads an object; false for another message, an unknown kind, or bad bytes.</summary>
    public static bool TryRead(in NetlinkMessage message, [NotNullWhen(true)] out NfObjectEntry? entry)
    {
        entry = null;
        if (!NfMessages.Is(message, NFT_MSG_NEWOBJ, NFT_MSG_DELOBJ) || !message.Attributes(NfGenMsgLength).TryFind(NFTA_OBJ_NAME, out NetlinkAttribute name))
        {
            return false;
        }

        NetlinkAttributeReader attributes = message.Attributes(NfGenMsgLength);
        NetlinkAttributeReader data = attributes.TryFind(NFTA_OBJ_DATA, out NetlinkAttribute content) ? content.Nested : default;
        NfObject? value = (NfObjectType)NfMessages.UInt32(attributes, NFTA_OBJ_TYPE) switch
        {
            NfObjectType.Counter => new NfObject.Counter(name.GetString(), NfMessages.UInt64(data, NFTA_COUNTER_PACKETS), NfMessages.UInt64(data, NFTA_COUNTER_BYTES)),
            NfObjectType.Quota => new NfObject.Quota(name.GetString(), NfQuota.Read(data)),
            NfObjectType.Limit => new NfObject.Limit(name.GetString(), NfLimit.Read(data)),
            NfObjectType.ConnectionLimit => new NfObject.ConnectionLimit(
                name.GetString(), NfMessages.UInt32(data, NFTA_CONNLIMIT_COUNT), (NfMessages.UInt32(data, NFTA_CONNLIMIT_FLAGS) & NFT_CONNLIMIT_F_INV) != 0),
            NfObjectType.CtTimeout => ReadTimeout(name.GetString(), data),
            _ => null,
        };
        if (value is null)
        {
            return false;
        }

        entry = new NfObjectEntry(
            new NfTable(NfMessages.Family(message), NfMessages.Text(attributes, NFTA_OBJ_TABLE)),
            value,
            NfMessages.UInt64(attributes, NFTA_OBJ_HANDLE),
            NfMessages.Comment(attributes, NFTA_OBJ_USERDATA, NfUserData.ObjectComment));
        return true;
    }

    private static NfObject.CtTimeout ReadTimeout(string name, NetlinkAttributeReader data)
    {
        var seconds = new List<(ushort State, uint Seconds)>();
        if (data.TryFind(NFTA_CT_TIMEOUT_DATA, out NetlinkAttribute states))
        {
            NetlinkAttributeReader reader = states.Nested;
            while (reader.TryRead(out NetlinkAttribute state))
            {
                seconds.Add((state.Type, state.UInt32BigEndian));
            }
        }

        return new NfObject.CtTimeout(
            name,
            data.TryFind(NFTA_CT_TIMEOUT_L3PROTO, out NetlinkAttribute family) ? (NfFamily)(byte)family.UInt16BigEndian : 0,
            data.TryFind(NFTA_CT_TIMEOUT_L4PROTO, out NetlinkAttribute protocol) ? protocol.Byte : (byte)0)
        { Seconds = seconds };
    }
}
