using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>A forwarding entry in a received message, read without allocating; see <see cref="FdbEntry"/>. Valid as long as the message.</summary>
public readonly ref struct FdbView
{
    /// <summary>Index of the vxlan device or bridge port.</summary>
    public int Link { get; private init; }

    /// <summary>The Ethernet address.</summary>
    public MacAddress Address { get; private init; }

    /// <summary>VTEP: 4 or 16 bytes in network order, or empty.</summary>
    public ReadOnlySpan<byte> Remote { get; private init; }

    /// <summary>UDP port of the VTEP when it is not the device's.</summary>
    public ushort? Port { get; private init; }

    /// <summary>VNI when it is not the device's.</summary>
    public uint? Vni { get; private init; }

    /// <summary>VLAN, or null.</summary>
    public ushort? Vlan { get; private init; }

    /// <summary>Index of the bridge, in listings of a bridge port.</summary>
    public int? Master { get; private init; }

    /// <summary>NUD state.</summary>
    public NeighbourState State { get; private init; }

    /// <summary>NTF flags.</summary>
    public NeighbourFlags Flags { get; private init; }

    /// <summary>Reads an RTM_NEWNEIGH message of family AF_BRIDGE; false when it is none or broken.</summary>
    public static bool TryParse(in NetlinkMessage message, out FdbView view)
    {
        view = default;
        return message.Type == RTM_NEWNEIGH && TryRead(message, out view);
    }

    /// <summary>Reads the content of an RTM_NEWNEIGH or RTM_DELNEIGH message; false when it is broken.</summary>
    internal static bool TryRead(in NetlinkMessage message, out FdbView view)
    {
        view = default;
        if (!message.TryReadHeader(out ndmsg header) || header.ndm_family != AF_BRIDGE)
        {
            return false;
        }

        MacAddress? mac = null;
        ReadOnlySpan<byte> remote = default;
        ushort? port = null;
        ushort? vlan = null;
        uint? vni = null;
        int? master = null;
        NetlinkAttributeReader attributes = message.Attributes<ndmsg>();
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            switch (attribute.Type)
            {
                case NDA_LLADDR:
                    mac = MacAddress.TryRead(attribute.Value, out MacAddress read) ? read : null;
                    break;
                case NDA_DST:
                    remote = attribute.Value.Length is 4 or 16 ? attribute.Value : default;
                    break;
                case NDA_PORT:
                    port = attribute.UInt16BigEndian;
                    break;
                case NDA_VNI:
                    vni = attribute.UInt32;
                    break;
                case NDA_VLAN:
                    vlan = attribute.UInt16;
                    break;
                case NDA_MASTER:
                    master = attribute.Int32;
                    break;
            }
        }

        if (mac is null || attributes.Malformed)
        {
            return false;
        }

        view = new FdbView
        {
            Link = header.ndm_ifindex,
            Address = mac.Value,
            Remote = remote,
            Port = port,
            Vni = vni,
            Vlan = vlan,
            Master = master,
            State = (NeighbourState)header.ndm_state,
            Flags = (NeighbourFlags)header.ndm_flags,
        };
        return true;
    }
}
