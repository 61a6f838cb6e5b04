using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>A neighbour in a received message, read without allocating; see <see cref="NeighbourEntry"/>. Valid as long as the message.</summary>
public readonly ref struct NeighbourView
{
    /// <summary>Interface index.</summary>
    public int Link { get; private init; }

    /// <summary>The IP address: 4 or 16 bytes in network order.</summary>
    public ReadOnlySpan<byte> Address { get; private init; }

    /// <summary>Its Ethernet address; null in incomplete entries.</summary>
    public MacAddress? LinkLayerAddress { get; private init; }

    /// <summary>NUD state.</summary>
    public NeighbourState State { get; private init; }

    /// <summary>NTF flags.</summary>
    public NeighbourFlags Flags { get; private init; }

    /// <summary>Reads an RTM_NEWNEIGH message of family IPv4 or IPv6; false when it is none or broken.</summary>
    public static bool TryParse(in NetlinkMessage message, out NeighbourView view)
    {
        view = default;
        return message.Type == RTM_NEWNEIGH && TryRead(message, out view);
    }

    /// <summary>Reads the content of an RTM_NEWNEIGH or RTM_DELNEIGH message; false when it is broken.</summary>
    internal static bool TryRead(in NetlinkMessage message, out NeighbourView view)
    {
        view = default;
        if (!message.TryReadHeader(out ndmsg header) || header.ndm_family is not (AF_INET or AF_INET6))
        {
            return false;
        }

        ReadOnlySpan<byte> address = default;
        MacAddress? mac = null;
        NetlinkAttributeReader attributes = message.Attributes<ndmsg>();
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            if (attribute.Type == NDA_DST)
            {
                address = attribute.Value;
            }
            else if (attribute.Type == NDA_LLADDR && MacAddress.TryRead(attribute.Value, out MacAddress read))
            {
                mac = read;
            }
        }

        if (address.Length is not (4 or 16) || attributes.Malformed)
        {
            return false;
        }

        view = new NeighbourView
        {
            Link = header.ndm_ifindex,
            Address = address,
            LinkLayerAddress = mac,
            State = (NeighbourState)header.ndm_state,
            Flags = (NeighbourFlags)header.ndm_flags,
        };
        return true;
    }
}
