using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>What decoders of all objects share.</summary>
internal static class NfMessages
{
    internal static bool Is(in NetlinkMessage message, byte set, byte deleted) =>
        (message.Type == MessageType(set) || message.Type == MessageType(deleted)) && message.Payload.Length >= NfGenMsgLength;

    internal static NfFamily Family(in NetlinkMessage message) => (NfFamily)message.Payload[0];

    internal static uint UInt32(NetlinkAttributeReader attributes, ushort type) =>
        attributes.TryFind(type, out NetlinkAttribute attribute) ? attribute.UInt32BigEndian : 0;

    internal static ulong UInt64(NetlinkAttributeReader attributes, ushort type) =>
        attributes.TryFind(type, out NetlinkAttribute attribute) ? attribute.UInt64BigEndian : 0;

    internal static string Text(NetlinkAttributeReader attributes, ushort type) =>
        attributes.TryFind(type, out NetlinkAttribute attribute) ? attribute.GetString() : "";

    internal static string? Comment(NetlinkAttributeReader attributes, ushort type, byte commentType) =>
        attributes.TryFind(type, out NetlinkAttribute userData) ? NfUserData.Comment(userData.Value, commentType) : null;
}
