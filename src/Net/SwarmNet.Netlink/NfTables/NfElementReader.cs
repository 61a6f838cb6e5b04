using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// Walks the elements of one NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM without allocating. Never throws: bad bytes end the walk with
/// <see cref="Malformed"/>; elements without a key are skipped.
/// </summary>
public ref struct NfElementReader
{
    private NetlinkAttributeReader _list;

    private NfElementReader(NetlinkAttributeReader list) => _list = list;

    /// <summary>UTF-8 name of the table.</summary>
    public ReadOnlySpan<byte> Table { get; private init; }

    /// <summary>UTF-8 name of the set.</summary>
    public ReadOnlySpan<byte> Set { get; private init; }

    /// <summary>True after <see cref="TryRead"/> returned false because of bad bytes rather than the end.</summary>
    public readonly bool Malformed => _list.Malformed;

    /// <summary>Starts at the first element of a message; false when it is another kind of message.</summary>
    public static bool TryCreate(in NetlinkMessage message, out NfElementReader reader)
    {
        reader = default;
        if (message.Type != MessageType(NFT_MSG_NEWSETELEM) && message.Type != MessageType(NFT_MSG_DELSETELEM))
        {
            return false;
        }

        NetlinkAttributeReader attributes = message.Attributes(NfGenMsgLength);
        reader = new NfElementReader(attributes.TryFind(NFTA_SET_ELEM_LIST_ELEMENTS, out NetlinkAttribute list) ? list.Nested : default)
        {
            Table = attributes.TryFind(NFTA_SET_ELEM_LIST_TABLE, out NetlinkAttribute table) ? table.StringBytes : default,
            Set = attributes.TryFind(NFTA_SET_ELEM_LIST_SET, out NetlinkAttribute set) ? set.StringBytes : default,
        };
        return true;
    }

    /// <summary>Moves to the next element.</summary>
    public bool TryRead(out NfElementView element)
    {
        while (_list.TryRead(out NetlinkAttribute item))
        {
            if (item.Type == NFTA_LIST_ELEM && NfElementView.TryCreate(item.Nested, out element))
            {
                return true;
            }
        }

        element = default;
        return false;
    }
}
