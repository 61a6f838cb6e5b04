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
        if (!FdbView.TryRead(message, out FdbView view))
        {
            return false;
        }

        entry = new FdbEntry
        {
            Link = view.Link,
            Address = view.Address,
            Remote = view.Remote.IsEmpty ? null : new IPAddress(view.Remote),
            Port = view.Port,
            Vni = view.Vni,
            Vlan = view.Vlan,
            Master = view.Master,
            State = view.State,
            Flags = view.Flags,
        };
        return true;
    }
}
