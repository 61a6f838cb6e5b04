using System.Diagnostics.CodeAnalysis;
using System.Net;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>A routing rule (ip-rule(8)) that looks up a table, to be set or as listed.</summary>
public sealed record RuleEntry
{
    /// <summary>True = IPv6.</summary>
    public bool IsIPv6 { get; init; }

    /// <summary>Rules are tried in rising order.</summary>
    public uint Priority { get; init; }

    /// <summary>Table to look up.</summary>
    public uint Table { get; init; } = RouteEntry.MainTable;

    /// <summary>Source addresses; null = all.</summary>
    public IPNetwork? From { get; init; }

    /// <summary>Destination addresses; null = all.</summary>
    public IPNetwork? To { get; init; }

    /// <summary>Packet mark, or null.</summary>
    public uint? Mark { get; init; }

    /// <summary>Bits of the mark that count; null = all.</summary>
    public uint? MarkMask { get; init; }

    /// <summary>Incoming interface, or null.</summary>
    public string? InInterface { get; init; }

    /// <summary>Outgoing interface of local packets, or null.</summary>
    public string? OutInterface { get; init; }

    /// <summary>Reads an RTM_NEWRULE message; false when it is none, broken, or of another action than table lookup.</summary>
    public static bool TryParse(in NetlinkMessage message, [MaybeNullWhen(false)] out RuleEntry entry)
    {
        entry = null;
        return message.Type == RTM_NEWRULE && TryRead(message, out entry);
    }

    /// <summary>Reads the content of an RTM_NEWRULE or RTM_DELRULE message; false when it is broken.</summary>
    internal static bool TryRead(in NetlinkMessage message, [MaybeNullWhen(false)] out RuleEntry entry)
    {
        entry = null;
        if (!message.TryReadHeader(out fib_rule_hdr header) || header.action != FR_ACT_TO_TBL)
        {
            return false;
        }

        IPNetwork? from = null;
        IPNetwork? to = null;
        uint? mark = null;
        uint? mask = null;
        uint priority = 0;
        uint table = header.table;
        string? iif = null;
        string? oif = null;
        NetlinkAttributeReader attributes = message.Attributes<fib_rule_hdr>();
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            switch (attribute.Type)
            {
                case FRA_SRC:
                    from = AddressEncoding.TryMakeNetwork(header.family, attribute.Value, header.src_len, out IPNetwork f) ? f : null;
                    break;
                case FRA_DST:
                    to = AddressEncoding.TryMakeNetwork(header.family, attribute.Value, header.dst_len, out IPNetwork t) ? t : null;
                    break;
                case FRA_FWMARK:
                    mark = attribute.UInt32;
                    break;
                case FRA_FWMASK:
                    mask = attribute.UInt32;
                    break;
                case FRA_PRIORITY:
                    priority = attribute.UInt32;
                    break;
                case FRA_TABLE:
                    table = attribute.UInt32;
                    break;
                case FRA_IIFNAME:
                    iif = attribute.GetString();
                    break;
                case FRA_OIFNAME:
                    oif = attribute.GetString();
                    break;
            }
        }

        if (attributes.Malformed || (header.src_len != 0 && from is null) || (header.dst_len != 0 && to is null))
        {
            return false;
        }

        // The kernel reports the full mask, which we call none.
        entry = new RuleEntry
        {
            IsIPv6 = header.family == AF_INET6,
            Priority = priority,
            Table = table,
            From = from,
            To = to,
            Mark = mark,
            MarkMask = mask == uint.MaxValue || mark is null ? null : mask,
            InInterface = iif,
            OutInterface = oif,
        };
        return true;
    }
}
