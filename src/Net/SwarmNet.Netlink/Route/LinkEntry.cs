using System.Diagnostics.CodeAnalysis;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>A link as listed.</summary>
public sealed record LinkEntry
{
    /// <summary>Interface index.</summary>
    public required int Index { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Kind (<c>veth</c>, <c>bridge</c> …); null for physical links and lo.</summary>
    public string? Kind { get; init; }

    /// <summary>Kind of its master (<c>bridge</c>), or null.</summary>
    public string? PortKind { get; init; }

    /// <summary>Ethernet address; null when it has none of 6 bytes.</summary>
    public MacAddress? Address { get; init; }

    /// <summary>MTU in bytes.</summary>
    public int Mtu { get; init; }

    /// <summary>Index of the bridge that it is a port of; 0 = none.</summary>
    public int Master { get; init; }

    /// <summary>IFLA_LINK: index of the veth peer or underlying link, in the namespace <see cref="LinkNamespaceId"/>; 0 = none.</summary>
    public int Link { get; init; }

    /// <summary>IFLA_LINK_NETNSID, or null when the peer is in the same namespace.</summary>
    public int? LinkNamespaceId { get; init; }

    /// <summary>Link group.</summary>
    public int Group { get; init; }

    /// <summary>Alias, or null.</summary>
    public string? Alias { get; init; }

    /// <summary>IFF_* flags.</summary>
    public uint Flags { get; init; }

    /// <summary>IF_OPER_*: 2 down, 6 up, 0 unknown.</summary>
    public byte OperationalState { get; init; }

    /// <summary>Settings of a vxlan device, or null.</summary>
    public VxlanInfo? Vxlan { get; init; }

    /// <summary>Settings of a bridge, or null.</summary>
    public BridgeInfo? Bridge { get; init; }

    /// <summary>Mode of a macvlan link, or null.</summary>
    public MacvlanMode? Macvlan { get; init; }

    /// <summary>Settings of a bridge port, or null.</summary>
    public BridgePortSpec? BridgePort { get; init; }

    /// <summary>Administratively up (IFF_UP).</summary>
    public bool IsUp => (Flags & IFF_UP) != 0;

    /// <summary>Reads an RTM_NEWLINK message; false when it is none or broken.</summary>
    public static bool TryParse(in NetlinkMessage message, [MaybeNullWhen(false)] out LinkEntry entry)
    {
        entry = null;
        return message.Type == RTM_NEWLINK && TryRead(message, out entry);
    }

    /// <summary>Reads the content of an RTM_NEWLINK or RTM_DELLINK message; false when it is broken.</summary>
    internal static bool TryRead(in NetlinkMessage message, [MaybeNullWhen(false)] out LinkEntry entry)
    {
        entry = null;
        // Family AF_BRIDGE tells about a port of a bridge: its removal does not remove the link.
        if (!message.TryReadHeader(out ifinfomsg header) || header.ifi_family == AF_BRIDGE)
        {
            return false;
        }

        var result = new LinkEntry { Index = header.ifi_index, Name = string.Empty, Flags = header.ifi_flags };
        NetlinkAttributeReader attributes = message.Attributes<ifinfomsg>();
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            result = Apply(result, attribute);
        }

        if (attributes.Malformed || result.Name.Length == 0)
        {
            return false;
        }

        entry = result;
        return true;
    }

    private static LinkEntry Apply(LinkEntry link, in NetlinkAttribute attribute) => attribute.Type switch
    {
        IFLA_IFNAME => link with { Name = attribute.GetString() },
        IFLA_ADDRESS => link with { Address = MacAddress.TryRead(attribute.Value, out MacAddress mac) ? mac : null },
        IFLA_MTU => link with { Mtu = attribute.Int32 },
        IFLA_MASTER => link with { Master = attribute.Int32 },
        IFLA_LINK => link with { Link = attribute.Int32 },
        IFLA_LINK_NETNSID => link with { LinkNamespaceId = attribute.Int32 },
        IFLA_GROUP => link with { Group = attribute.Int32 },
        IFLA_IFALIAS => link with { Alias = attribute.GetString() },
        IFLA_OPERSTATE => link with { OperationalState = attribute.Byte },
        IFLA_LINKINFO => ApplyInfo(link, attribute.Nested),
        _ => link,
    };

    private static LinkEntry ApplyInfo(LinkEntry link, NetlinkAttributeReader info)
    {
        // The kinds come before the data that they explain.
        while (info.TryRead(out NetlinkAttribute attribute))
        {
            link = (attribute.Type, link.Kind, link.PortKind) switch
            {
                (IFLA_INFO_KIND, _, _) => link with { Kind = attribute.GetString() },
                (IFLA_INFO_SLAVE_KIND, _, _) => link with { PortKind = attribute.GetString() },
                (IFLA_INFO_DATA, "vxlan", _) => link with { Vxlan = VxlanInfo.Parse(attribute.Nested) },
                (IFLA_INFO_DATA, "bridge", _) => link with { Bridge = BridgeInfo.Parse(attribute.Nested) },
                (IFLA_INFO_DATA, "macvlan", _) => link with
                {
                    Macvlan = attribute.Nested.TryFind(IFLA_MACVLAN_MODE, out NetlinkAttribute mode) ? (MacvlanMode)mode.UInt32 : null,
                },
                (IFLA_INFO_SLAVE_DATA, _, "bridge") => link with { BridgePort = BridgePortCodec.Parse(attribute.Nested) },
                _ => link,
            };
        }

        return link;
    }
}
