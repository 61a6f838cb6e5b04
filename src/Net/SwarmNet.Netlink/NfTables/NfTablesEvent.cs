using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>A change of a table, chain, rule, set, elements or object; exactly one of them is not null, except at the end of a transaction and after a loss.</summary>
public readonly record struct NfTablesEvent
{
    private readonly object? _entry;

    private NfTablesEvent(NfTablesEventKind kind, object? entry)
    {
        Kind = kind;
        _entry = entry;
    }

    /// <summary>Notifications were lost.</summary>
    public static NfTablesEvent Overrun { get; } = new(NfTablesEventKind.Overrun, null);

    /// <summary>What happened.</summary>
    public NfTablesEventKind Kind { get; }

    /// <summary>The table, or null.</summary>
    public NfTableEntry? Table => _entry as NfTableEntry;

    /// <summary>The chain, or null.</summary>
    public NfChainEntry? Chain => _entry as NfChainEntry;

    /// <summary>The rule, or null.</summary>
    public NfRuleEntry? Rule => _entry as NfRuleEntry;

    /// <summary>The set or map, or null.</summary>
    public NfSetEntry? Set => _entry as NfSetEntry;

    /// <summary>The elements of one set, or null.</summary>
    public NfElementsEntry? Elements => _entry as NfElementsEntry;

    /// <summary>The object, or null.</summary>
    public NfObjectEntry? Object => _entry as NfObjectEntry;

    /// <summary>Whose transaction it was and which generation it made, at its end; else null.</summary>
    public NfGeneration? Generation => _entry as NfGeneration;

    /// <summary>Reads a notification; false when it is of another kind or broken.</summary>
    public static bool TryParse(in NetlinkMessage message, out NfTablesEvent value)
    {
        value = default;
        if (message.Type >> 8 != NFNL_SUBSYS_NFTABLES)
        {
            return false;
        }

        byte number = (byte)message.Type;
        object? entry = number switch
        {
            NFT_MSG_NEWTABLE or NFT_MSG_DELTABLE => NfTableEntry.TryRead(message, out NfTableEntry? table) ? table : null,
            NFT_MSG_NEWCHAIN or NFT_MSG_DELCHAIN => NfChainEntry.TryRead(message, out NfChainEntry? chain) ? chain : null,
            NFT_MSG_NEWRULE or NFT_MSG_DELRULE => NfRuleEntry.TryRead(message, out NfRuleEntry? rule) ? rule : null,
            NFT_MSG_NEWSET or NFT_MSG_DELSET => NfSetEntry.TryRead(message, out NfSetEntry? set) ? set : null,
            NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM => NfElementsEntry.TryRead(message, out NfElementsEntry? elements) ? elements : null,
            NFT_MSG_NEWOBJ or NFT_MSG_DELOBJ => NfObjectEntry.TryRead(message, out NfObjectEntry? named) ? named : null,
            NFT_MSG_NEWGEN => NfGeneration.TryRead(message, out NfGeneration? generation) ? generation : null,
            _ => null,
        };
        bool removed = number is NFT_MSG_DELTABLE or NFT_MSG_DELCHAIN or NFT_MSG_DELRULE or NFT_MSG_DELSET or NFT_MSG_DELSETELEM or NFT_MSG_DELOBJ;
        value = new NfTablesEvent(
            number == NFT_MSG_NEWGEN ? NfTablesEventKind.Committed : removed ? NfTablesEventKind.Removed : NfTablesEventKind.Set, entry);
        return entry is not null;
    }

    /// <summary>For messages.</summary>
    public override string ToString() => $"{Kind} {_entry}";
}
