using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>An encoded rule; a view of the receive buffer. <see cref="NfRuleEntry.TryRead"/> makes a value of it.</summary>
public readonly ref struct NfRuleView
{
    private readonly NetlinkAttributeReader _attributes;

    private NfRuleView(NfFamily family, NetlinkAttributeReader attributes)
    {
        Family = family;
        _attributes = attributes;
    }

    /// <summary>Family of the table.</summary>
    public NfFamily Family { get; }

    /// <summary>UTF-8 name of the table.</summary>
    public ReadOnlySpan<byte> Table => Find(NFTA_RULE_TABLE).StringBytes;

    /// <summary>UTF-8 name of the chain.</summary>
    public ReadOnlySpan<byte> Chain => Find(NFTA_RULE_CHAIN).StringBytes;

    /// <summary>The kernel's number of the rule, unique in its table; 0 in a request that has none.</summary>
    public ulong Handle => Find(NFTA_RULE_HANDLE).UInt64BigEndian;

    /// <summary>User data: nft(8)'s comment.</summary>
    public ReadOnlySpan<byte> UserData => Find(NFTA_RULE_USERDATA).Value;

    /// <summary>The expressions.</summary>
    public NfExpressionReader Expressions => new(Find(NFTA_RULE_EXPRESSIONS).Nested);

    /// <summary>Reads a message; false when it is not a rule.</summary>
    public static bool TryCreate(in NetlinkMessage message, out NfRuleView rule)
    {
        rule = default;
        if ((message.Type != MessageType(NFT_MSG_NEWRULE) && message.Type != MessageType(NFT_MSG_DELRULE)) || message.Payload.Length < NfGenMsgLength)
        {
            return false;
        }

        rule = new NfRuleView((NfFamily)message.Payload[0], message.Attributes(NfGenMsgLength));
        return rule.Chain.Length > 0;
    }

    private NetlinkAttribute Find(ushort type) => _attributes.TryFind(type, out NetlinkAttribute attribute) ? attribute : default;
}
