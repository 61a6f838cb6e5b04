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

        string name = string.Empty;
        string? alias = null;
        MacAddress? address = null;
        int mtu = 0;
        int master = 0;
        int link = 0;
        int group = 0;
        int? namespaceId = null;
        byte operationalState = 0;
        LinkKindInfo info = default;
        NetlinkAttributeReader attributes = message.Attributes<ifinfomsg>();
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            switch (attribute.Type)
            {
                case IFLA_IFNAME:
                    name = attribute.GetString();
                    break;
                case IFLA_ADDRESS:
                    address = MacAddress.TryRead(attribute.Value, out MacAddress mac) ? mac : null;
                    break;
                case IFLA_MTU:
                    mtu = attribute.Int32;
                    break;
                case IFLA_MASTER:
                    master = attribute.Int32;
                    break;
                case IFLA_LINK:
                    link = attribute.Int32;
                    break;
                case IFLA_LINK_NETNSID:
                    namespaceId = attribute.Int32;
                    break;
                case IFLA_GROUP:
                    group = attribute.Int32;
                    break;
                case IFLA_IFALIAS:
                    alias = attribute.GetString();
                    break;
                case IFLA_OPERSTATE:
                    operationalState = attribute.Byte;
                    break;
                case IFLA_LINKINFO:
                    info = LinkKindInfo.Parse(attribute.Nested);
                    break;
            }
        }

        if (attributes.Malformed || name.Length == 0)
        {
            return false;
        }

        entry = new LinkEntry
        {
            Index = header.ifi_index,
            Name = name,
            Flags = header.ifi_flags,
            Kind = info.Kind,
            PortKind = info.PortKind,
            Address = address,
            Mtu = mtu,
            Master = master,
            Link = link,
            LinkNamespaceId = namespaceId,
            Group = group,
            Alias = alias,
            OperationalState = operationalState,
            Vxlan = info.Vxlan,
            Bridge = info.Bridge,
            Macvlan = info.Macvlan,
            BridgePort = info.BridgePort,
        };
        return true;
    }
}
