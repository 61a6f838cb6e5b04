using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>What IFLA_LINKINFO says: the kinds of a link and of its master, and the settings of the kinds we know.</summary>
internal struct LinkKindInfo
{
    internal string? Kind;
    internal string? PortKind;
    internal VxlanInfo? Vxlan;
    internal BridgeInfo? Bridge;
    internal MacvlanMode? Macvlan;
    internal BridgePortSpec? BridgePort;

    internal static LinkKindInfo Parse(NetlinkAttributeReader attributes)
    {
        // The kinds come before the data that they explain.
        LinkKindInfo info = default;
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            switch (attribute.Type, info.Kind, info.PortKind)
            {
                case (IFLA_INFO_KIND, _, _):
                    info.Kind = NameOf(attribute.StringBytes);
                    break;
                case (IFLA_INFO_SLAVE_KIND, _, _):
                    info.PortKind = NameOf(attribute.StringBytes);
                    break;
                case (IFLA_INFO_DATA, "vxlan", _):
                    info.Vxlan = VxlanInfo.Parse(attribute.Nested);
                    break;
                case (IFLA_INFO_DATA, "bridge", _):
                    info.Bridge = BridgeInfo.Parse(attribute.Nested);
                    break;
                case (IFLA_INFO_DATA, "macvlan", _):
                    info.Macvlan = attribute.Nested.TryFind(IFLA_MACVLAN_MODE, out NetlinkAttribute mode) ? (MacvlanMode)mode.UInt32 : null;
                    break;
                case (IFLA_INFO_SLAVE_DATA, _, "bridge"):
                    info.BridgePort = BridgePortCodec.Parse(attribute.Nested);
                    break;
            }
        }

        return info;
    }

    /// <summary>The name, without a new string for the kinds that come by the thousand.</summary>
    private static string NameOf(ReadOnlySpan<byte> kind) =>
        kind.SequenceEqual("veth"u8) ? "veth"
        : kind.SequenceEqual("bridge"u8) ? "bridge"
        : kind.SequenceEqual("vxlan"u8) ? "vxlan"
        : System.Text.Encoding.UTF8.GetString(kind);
}
