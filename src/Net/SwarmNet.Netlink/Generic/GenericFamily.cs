using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using static SwarmNet.Netlink.Generic.GenericConstants;

namespace SwarmNet.Netlink.Generic;

/// <summary>A family of generic netlink: a module registers its name at run time and gets a message type for it.</summary>
/// <param name="Id">Message type of its requests and answers. Valid in all namespaces, until the module is unloaded.</param>
/// <param name="Name">Its name, for example <c>IPVS</c>.</param>
/// <param name="Version">Version of its protocol.</param>
public sealed record GenericFamily(ushort Id, string Name, uint Version)
{
    /// <summary>Its notification groups by name, for <see cref="NetlinkSubscription"/>.</summary>
    public ImmutableDictionary<string, uint> Groups { get; init; } = ImmutableDictionary<string, uint>.Empty;

    /// <summary>Reads an answer of the controller (CTRL_CMD_NEWFAMILY); false for anything else.</summary>
    public static bool TryParse(in NetlinkMessage message, [MaybeNullWhen(false)] out GenericFamily family)
    {
        family = null;
        if (message.Type != GENL_ID_CTRL || !message.TryReadHeader(out GenericHeader header) || header.Command != CTRL_CMD_NEWFAMILY)
        {
            return false;
        }

        ushort id = 0;
        string? name = null;
        uint version = 0;
        ImmutableDictionary<string, uint> groups = ImmutableDictionary<string, uint>.Empty;
        NetlinkAttributeReader attributes = message.Attributes<GenericHeader>();
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            switch (attribute.Type)
            {
                case CTRL_ATTR_FAMILY_ID:
                    id = attribute.UInt16;
                    break;
                case CTRL_ATTR_FAMILY_NAME:
                    name = attribute.GetString();
                    break;
                case CTRL_ATTR_VERSION:
                    version = attribute.UInt32;
                    break;
                case CTRL_ATTR_MCAST_GROUPS:
                    groups = ReadGroups(attribute.Nested);
                    break;
            }
        }

        if (id == 0 || name is null || attributes.Malformed)
        {
            return false;
        }

        family = new GenericFamily(id, name, version) { Groups = groups };
        return true;
    }

    // A list of nests, numbered from 1, with a name and an id each.
    private static ImmutableDictionary<string, uint> ReadGroups(NetlinkAttributeReader list)
    {
        ImmutableDictionary<string, uint>.Builder groups = ImmutableDictionary.CreateBuilder<string, uint>();
        while (list.TryRead(out NetlinkAttribute group))
        {
            NetlinkAttributeReader attributes = group.Nested;
            if (attributes.TryFind(CTRL_ATTR_MCAST_GRP_NAME, out NetlinkAttribute name) && attributes.TryFind(CTRL_ATTR_MCAST_GRP_ID, out NetlinkAttribute id))
            {
                groups[name.GetString()] = id.UInt32;
            }
        }

        return groups.ToImmutable();
    }
}
