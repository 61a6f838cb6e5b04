using System.Diagnostics.CodeAnalysis;
using System.Net;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>An address of a link, to be set or as listed.</summary>
public sealed record AddressEntry
{
    /// <summary>Interface index.</summary>
    public required int Link { get; init; }

    /// <summary>The address (IFA_LOCAL).</summary>
    public required IPAddress Address { get; init; }

    /// <summary>Length of the prefix in bits.</summary>
    public required int PrefixLength { get; init; }

    /// <summary>Address of the other end of a point-to-point link; null = none.</summary>
    public IPAddress? Peer { get; init; }

    /// <summary>RT_SCOPE_*: 0 = universe, 253 = link, 254 = host.</summary>
    public byte Scope { get; init; }

    /// <summary>IFA_F_*: NODAD 0x02, PERMANENT 0x80, NOPREFIXROUTE 0x200 …</summary>
    public uint Flags { get; init; }

    /// <summary>Reads an RTM_NEWADDR message; false when it is none or broken.</summary>
    public static bool TryParse(in NetlinkMessage message, [MaybeNullWhen(false)] out AddressEntry entry)
    {
        entry = null;
        return message.Type == RTM_NEWADDR && TryRead(message, out entry);
    }

    /// <summary>Reads the content of an RTM_NEWADDR or RTM_DELADDR message; false when it is broken.</summary>
    internal static bool TryRead(in NetlinkMessage message, [MaybeNullWhen(false)] out AddressEntry entry)
    {
        entry = null;
        if (!message.TryReadHeader(out ifaddrmsg header))
        {
            return false;
        }

        IPAddress? address = null;
        IPAddress? local = null;
        uint flags = header.ifa_flags;
        NetlinkAttributeReader attributes = message.Attributes<ifaddrmsg>();
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            switch (attribute.Type)
            {
                case IFA_ADDRESS:
                    address = AddressEncoding.ReadAddress(attribute.Value);
                    break;
                case IFA_LOCAL:
                    local = AddressEncoding.ReadAddress(attribute.Value);
                    break;
                case IFA_FLAGS:
                    flags = attribute.UInt32;
                    break;
            }
        }

        // IPv6 without a peer has IFA_ADDRESS only.
        IPAddress? own = local ?? address;
        if (own is null || attributes.Malformed)
        {
            return false;
        }

        entry = new AddressEntry
        {
            Link = (int)header.ifa_index,
            Address = own,
            PrefixLength = header.ifa_prefixlen,
            Peer = address is null || address.Equals(own) ? null : address,
            Scope = header.ifa_scope,
            Flags = flags,
        };
        return true;
    }
}
