using System.Diagnostics.CodeAnalysis;
using System.Net;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>A route, to be set or as listed.</summary>
public sealed record RouteEntry
{
    /// <summary>Table main.</summary>
    public const uint MainTable = 254;

    /// <summary>Where it leads; 0.0.0.0/0 or ::/0 = default.</summary>
    public required IPNetwork Destination { get; init; }

    /// <summary>Next hop, or null.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>Interface index, 0 = by the gateway.</summary>
    public int Link { get; init; }

    /// <summary>Preferred source address, or null.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>Routing table.</summary>
    public uint Table { get; init; } = MainTable;

    /// <summary>Metric.</summary>
    public uint Priority { get; init; }

    /// <summary>RTPROT_*: 2 kernel, 3 boot, 4 static.</summary>
    public byte Protocol { get; init; } = 3;

    /// <summary>RT_SCOPE_*; null: universe with a gateway or IPv6, else link.</summary>
    public byte? Scope { get; init; }

    /// <summary>RTN_*: 1 unicast, 6 blackhole, 7 unreachable.</summary>
    public byte Type { get; init; } = RTN_UNICAST;

    /// <summary>Pretend that the gateway is reachable on the link.</summary>
    public bool OnLink { get; init; }

    /// <summary>Reads an RTM_NEWROUTE message; false when it is none or broken.</summary>
    public static bool TryParse(in NetlinkMessage message, [MaybeNullWhen(false)] out RouteEntry entry)
    {
        entry = null;
        return message.Type == RTM_NEWROUTE && TryRead(message, out entry);
    }

    /// <summary>Reads the content of an RTM_NEWROUTE or RTM_DELROUTE message; false when it is broken.</summary>
    internal static bool TryRead(in NetlinkMessage message, [MaybeNullWhen(false)] out RouteEntry entry)
    {
        entry = null;
        if (!message.TryReadHeader(out rtmsg header))
        {
            return false;
        }

        ReadOnlySpan<byte> destination = default;
        IPAddress? gateway = null;
        IPAddress? source = null;
        int link = 0;
        uint table = header.rtm_table;
        uint priority = 0;
        NetlinkAttributeReader attributes = message.Attributes<rtmsg>();
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            switch (attribute.Type)
            {
                case RTA_DST:
                    destination = attribute.Value;
                    break;
                case RTA_GATEWAY:
                    gateway = AddressEncoding.ReadAddress(attribute.Value);
                    break;
                case RTA_PREFSRC:
                    source = AddressEncoding.ReadAddress(attribute.Value);
                    break;
                case RTA_OIF:
                    link = attribute.Int32;
                    break;
                case RTA_TABLE:
                    table = attribute.UInt32;
                    break;
                case RTA_PRIORITY:
                    priority = attribute.UInt32;
                    break;
            }
        }

        if (attributes.Malformed || !AddressEncoding.TryMakeNetwork(header.rtm_family, destination, header.rtm_dst_len, out IPNetwork network))
        {
            return false;
        }

        entry = new RouteEntry
        {
            Destination = network,
            Gateway = gateway,
            Link = link,
            Source = source,
            Table = table,
            Priority = priority,
            Protocol = header.rtm_protocol,
            Scope = header.rtm_scope,
            Type = header.rtm_type,
            OnLink = (header.rtm_flags & RTNH_F_ONLINK) != 0,
        };
        return true;
    }
}
