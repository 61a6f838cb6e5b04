using System.Diagnostics.CodeAnalysis;
using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>A chain as the kernel lists it.</summary>
/// <param name="Table">Its table.</param>
/// <param name="Name">Its name.</param>
/// <param name="Handle">The kernel's number.</param>
/// <param name="Base">Its hook, of a base chain; null for one that is only jumped to.</param>
/// <param name="Comment">nft(8)'s comment, null when there is none.</param>
public sealed record NfChainEntry(NfTable Table, string Name, ulong Handle, NfBaseChain? Base, string? Comment)
{
    /// <summary>Reads a chain; false for another message or bad bytes.</summary>
    public static bool TryRead(in NetlinkMessage message, [NotNullWhen(true)] out NfChainEntry? entry)
    {
        entry = null;
        if (!NfMessages.Is(message, NFT_MSG_NEWCHAIN, NFT_MSG_DELCHAIN) || !message.Attributes(NfGenMsgLength).TryFind(NFTA_CHAIN_NAME, out NetlinkAttribute nameAttribute))
        {
            return false;
        }

        NetlinkAttributeReader attributes = message.Attributes(NfGenMsgLength);
        NfFamily family = NfMessages.Family(message);
        string name = nameAttribute.GetString();
        string? comment = NfMessages.Comment(attributes, NFTA_CHAIN_USERDATA, NfUserData.ChainComment);
        entry = new NfChainEntry(
            new NfTable(family, NfMessages.Text(attributes, NFTA_CHAIN_TABLE)), name, NfMessages.UInt64(attributes, NFTA_CHAIN_HANDLE),
            attributes.TryFind(NFTA_CHAIN_HOOK, out NetlinkAttribute hook) ? ReadBase(family, name, comment, hook.Nested, attributes) : null, comment);
        return true;
    }

    private static NfBaseChain ReadBase(NfFamily family, string name, string? comment, NetlinkAttributeReader hook, NetlinkAttributeReader attributes)
    {
        var devices = new List<string>();
        if (hook.TryFind(NFTA_HOOK_DEVS, out NetlinkAttribute list))
        {
            NetlinkAttributeReader items = list.Nested;
            while (items.TryRead(out NetlinkAttribute item))
            {
                if (item.Type == NFTA_DEVICE_NAME)
                {
                    devices.Add(item.GetString());
                }
            }
        }
        else if (hook.TryFind(NFTA_HOOK_DEV, out NetlinkAttribute device))
        {
            devices.Add(device.GetString());
        }

        ReadOnlySpan<byte> type = attributes.TryFind(NFTA_CHAIN_TYPE, out NetlinkAttribute typeName) ? typeName.StringBytes : default;
        return new NfBaseChain
        {
            Name = name,
            Type = type.SequenceEqual("nat"u8) ? NfChainType.Nat : type.SequenceEqual("route"u8) ? NfChainType.Route : NfChainType.Filter,
            Hook = NfHooks.FromNumber(family, NfMessages.UInt32(hook, NFTA_HOOK_HOOKNUM)),
            Priority = (int)NfMessages.UInt32(hook, NFTA_HOOK_PRIORITY),
            Policy = attributes.TryFind(NFTA_CHAIN_POLICY, out NetlinkAttribute policy) ? (NfVerdict)policy.UInt32BigEndian : NfVerdict.Accept,
            Devices = devices,
            Comment = comment,
        };
    }
}
