using System.Diagnostics.CodeAnalysis;
using System.Net;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>A neighbour: which Ethernet address an IP address of a link has. To be set or as listed.</summary>
public sealed record NeighbourEntry
{
    /// <summary>Interface index.</summary>
    public required int Link { get; init; }

    /// <summary>The IP address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>Its Ethernet address; null in incomplete entries.</summary>
    public MacAddress? LinkLayerAddress { get; init; }

    /// <summary>NUD state.</summary>
    public NeighbourState State { get; init; } = NeighbourState.Permanent;

    /// <summary>NTF flags.</summary>
    public NeighbourFlags Flags { get; init; }

    /// <summary>Reads an RTM_NEWNEIGH message of family IPv4 or IPv6; false when it is none or broken.</summary>
    public static bool TryParse(in NetlinkMessage message, [MaybeNullWhen(false)] out NeighbourEntry entry)
    {
        entry = null;
        return message.Type == RTM_NEWNEIGH && TryRead(message, out entry);
    }

    /// <summary>Reads the content of an RTM_NEWNEIGH or RTM_DELNEIGH message; false when it is broken.</summary>
    internal static bool TryRead(in NetlinkMessage message, [MaybeNullWhen(false)] out NeighbourEntry entry)
    {
        entry = null;
        if (!NeighbourView.TryRead(message, out NeighbourView view))
        {
            return false;
        }

        entry = new NeighbourEntry
        {
            Link = view.Link,
            Address = new IPAddress(view.Address),
            LinkLayerAddress = view.LinkLayerAddress,
            State = view.State,
            Flags = view.Flags,
        };
        return true;
    }
}
