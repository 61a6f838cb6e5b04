using System.Diagnostics.CodeAnalysis;
using System.Net;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>
/// A forwarding entry: where frames to an Ethernet address go. With <see cref="NeighbourFlags.Self"/> it is the table of a vxlan
/// device (then <see cref="Remote"/> is the tunnel's other end), with <see cref="NeighbourFlags.Master"/> that of the port's bridge.
/// </summary>
public sealed record FdbEntry
{
    /// <summary>Index of the vxlan device or bridge port.</summary>
    public required int Link { get; init; }

    /// <summary>The Ethernet address; all zero = default destination of a vxlan device.</summary>
    public required MacAddress Address { get; init; }

    /// <summary>VTEP, or null.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>UDP port of the VTEP when it is not the device's; null = the device's.</summary>
    public ushort? Port { get; init; }

    /// <summary>VNI when it is not the device's.</summary>
    public uint? Vni { get; init; }

    /// <summary>VLAN, or null.</summary>
    public ushort? Vlan { get; init; }

    /// <summary>Index of the bridge, in listings of a bridge port; null otherwise.</summary>
    public int? Master { get; init; }

    /// <summary>NUD state; NOARP is added by the kernel for static entries.</summary>
    public NeighbourState State { get; init; } = NeighbourState.Permanent;

    /// <summary>NTF flags.</summary>
    public NeighbourFlags Flags { get; init; } = NeighbourFlags.Self;

    /// <summary>Reads an RTM_NEWNEIGH message of family AF_BRIDGE; false when it is none or broken.</summary>
    public static bool TryParse(in NetlinkMessage message, [MaybeNullWhen(false)] out FdbEntry entry)
    {
        entry = null;
        return message.Type == RTM_NEWNEIGH && TryRead(message, out entry);
    }

    /// <summary>Reads the content of an RTM_NEWNEIGH or RTM_DELNEIGH message; false when it is broken.</summary>
    internal static bool TryRead(in NetlinkMessage message, [MaybeNullWhen(false)] out FdbEntry entry)
    {
        entry = null;
        if (!message.TryReadHeader(out ndmsg header) || header.ndm_family != AF_BRIDGE)
        {
            return false;
        }

        MacAddress? mac = null;
        IPAddress? remote = null;
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
                    remote = AddressEncoding.ReadAddress(attribute.Value);
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

        entry = new FdbEntry
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
