using SwarmNet.Linux;
using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>What a refused change was, and what its error number means there.</summary>
internal static class NfErrorText
{
    private const int MessageMask = 0xff;

    /// <summary>The operation with family, table and object: <c>add rule to chain ip swarm prerouting</c>.</summary>
    internal static string Describe(string operation, in NetlinkMessage message)
    {
        string text = $"{operation} {FamilyName(message.Payload.IsEmpty ? (byte)0 : message.Payload[0])}";
        NetlinkAttributeReader attributes = message.Attributes(NfGenMsgLength);
        // The table is attribute 1 of every object; of a table it is its own name.
        if (attributes.TryFind(NFTA_TABLE_NAME, out NetlinkAttribute table))
        {
            text += " " + table.GetString();
        }

        ushort nameType = NameAttribute((byte)(message.Type & MessageMask));
        return nameType != 0 && attributes.TryFind(nameType, out NetlinkAttribute name) ? $"{text} {name.GetString()}" : text;
    }

    /// <summary>What the error means for this change, with the part of it that the kernel points at; null when there is nothing to add.</summary>
    internal static string? Explain(in NetlinkMessage message, Errno errno, int offset)
    {
        byte kind = (byte)(message.Type & MessageMask);
        string? where = Where(message, kind, offset);
        string? why = errno switch
        {
            Errno.ENOENT => Missing(message, kind, offset),
            Errno.EEXIST => kind == NFT_MSG_NEWSETELEM
                ? "a key is there already with other data, delete it first in the same transaction"
                : "it exists already with other properties",
            Errno.EBUSY => kind is NFT_MSG_DELTABLE or NFT_MSG_DELCHAIN or NFT_MSG_DELSET or NFT_MSG_DELOBJ
                ? "a rule, map or element still uses it"
                : "something that is bound to it is in use",
            Errno.EOPNOTSUPP => kind == NFT_MSG_NEWCHAIN
                ? "this kernel has no such chain type or hook for the family, or the chain has other ones (NfTablesProbe tells what it has)"
                : "this kernel does not support it here (NfTablesProbe tells what it has)",
            Errno.EPERM => "it needs CAP_NET_ADMIN in the namespace, or the table belongs to another program's socket",
            Errno.ENFILE => "the set is full",
            Errno.ELOOP or Errno.EMLINK => "the jump would close a loop of chains, or go more than 16 chains deep",
            Errno.EINVAL => kind == NFT_MSG_NEWRULE ? "the kernel refuses a value, or the expression in this kind of chain" : "the kernel refuses a value",
            _ => null,
        };
        return (where, why) switch
        {
            (null, _) => why,
            (_, null) => where,
            _ => $"{where}: {why}",
        };
    }

    /// <summary>What the error means for the transaction as a whole.</summary>
    internal static string? ExplainTransaction(Errno errno) => errno switch
    {
        Errno.ERESTART => "the rules have changed since the generation was read; read them again",
        Errno.EPERM => "it needs CAP_NET_ADMIN in the namespace",
        Errno.EOPNOTSUPP or Errno.EPROTONOSUPPORT => "this kernel has no nf_tables (CONFIG_NF_TABLES)",
        Errno.EMSGSIZE or Errno.ENOBUFS => "the transaction is larger than the socket's buffer",
        _ => null,
    };

    internal static string FamilyName(byte family) => (NfFamily)family switch
    {
        NfFamily.Inet => "inet",
        NfFamily.Ip => "ip",
        NfFamily.Arp => "arp",
        NfFamily.NetDev => "netdev",
        NfFamily.Bridge => "bridge",
        NfFamily.Ip6 => "ip6",
        _ => $"family {family}",
    };

    private static ushort NameAttribute(byte message) => message switch
    {
        NFT_MSG_NEWCHAIN or NFT_MSG_DELCHAIN => NFTA_CHAIN_NAME,
        NFT_MSG_NEWRULE or NFT_MSG_DELRULE => NFTA_RULE_CHAIN,
        NFT_MSG_NEWSET or NFT_MSG_DELSET => NFTA_SET_NAME,
        NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM => NFTA_SET_ELEM_LIST_SET,
        NFT_MSG_NEWOBJ or NFT_MSG_DELOBJ => NFTA_OBJ_NAME,
        _ => 0,
    };

    private static string Missing(in NetlinkMessage message, byte kind, int offset)
    {
        ushort pointed = PointedAt(message, offset, out _);
        if (pointed == NFTA_TABLE_NAME)
        {
            return "there is no such table";
        }

        return kind switch
        {
            NFT_MSG_NEWRULE when pointed is NFTA_RULE_HANDLE or NFTA_RULE_POSITION => "the chain has no rule of that handle",
            NFT_MSG_NEWRULE when pointed == NFTA_RULE_CHAIN => "there is no such chain",
            NFT_MSG_NEWRULE => "a set, object or chain that the rule names is not in the table, or the kernel lacks an expression",
            NFT_MSG_DELRULE => "there is no such rule or chain",
            NFT_MSG_NEWCHAIN => "there is no such table, or the kernel lacks the chain type",
            NFT_MSG_DELSETELEM => "a key is not in the set, or there is no such set",
            NFT_MSG_NEWSETELEM => "there is no such set, or an element names a chain or object that is not in the table",
            NFT_MSG_DELCHAIN => "there is no such chain",
            NFT_MSG_DELSET => "there is no such set",
            NFT_MSG_DELOBJ => "there is no such object",
            NFT_MSG_DELTABLE => "there is no such table",
            _ => "there is no such table, or the kernel lacks the type",
        };
    }

    /// <summary>Names the element or expression that an offset from the message's start lies in; null when it does not lie in one.</summary>
    private static string? Where(in NetlinkMessage message, byte kind, int offset)
    {
        ushort list = kind switch
        {
            NFT_MSG_NEWRULE => NFTA_RULE_EXPRESSIONS,
            NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM => NFTA_SET_ELEM_LIST_ELEMENTS,
            _ => 0,
        };
        if (list == 0 || PointedAt(message, offset, out int start) != list || !message.Attributes(NfGenMsgLength).TryFind(list, out NetlinkAttribute attribute))
        {
            return null;
        }

        int position = start + NetlinkConstants.AttributeHeaderLength;
        int number = 0;
        NetlinkAttributeReader items = attribute.Nested;
        while (items.TryRead(out NetlinkAttribute item))
        {
            number++;
            int end = position + NetlinkConstants.AttributeHeaderLength + NetlinkConstants.Align(item.Value.Length);
            if (offset >= position && offset < end)
            {
                return kind == NFT_MSG_NEWRULE ? $"expression {number} ({ExpressionName(item)})" : $"element {ElementKey(item)}";
            }

            position = end;
        }

        return null;
    }

    /// <summary>The attribute of the message's top level that an offset from its start lies in, and where that starts; 0 when none.</summary>
    private static ushort PointedAt(in NetlinkMessage message, int offset, out int start)
    {
        start = NetlinkConstants.HeaderLength + NfGenMsgLength;
        NetlinkAttributeReader attributes = message.Attributes(NfGenMsgLength);
        while (offset >= start && attributes.TryRead(out NetlinkAttribute attribute))
        {
            int end = start + NetlinkConstants.AttributeHeaderLength + NetlinkConstants.Align(attribute.Value.Length);
            if (offset < end)
            {
                return attribute.Type;
            }

            start = end;
        }

        return 0;
    }

    private static string ExpressionName(in NetlinkAttribute item) =>
        item.Nested.TryFind(NFTA_EXPR_NAME, out NetlinkAttribute name) ? name.GetString() : "?";

    private static string ElementKey(in NetlinkAttribute item) =>
        item.Nested.TryFind(NFTA_SET_ELEM_KEY, out NetlinkAttribute key) && key.Nested.TryFind(NFTA_DATA_VALUE, out NetlinkAttribute value)
            ? Convert.ToHexStringLower(value.Value)
            : "of every other key";
}
