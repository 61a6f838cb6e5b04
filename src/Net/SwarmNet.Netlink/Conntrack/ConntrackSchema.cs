using static SwarmNet.Netlink.Conntrack.ConntrackConstants;

namespace SwarmNet.Netlink.Conntrack;

/// <summary>The attributes of conntrack requests, for error messages.</summary>
internal static class ConntrackSchema
{
    private static readonly NetlinkAttributeSet _tuple = new NetlinkAttributeSet()
        .Add(CTA_TUPLE_IP, nameof(CTA_TUPLE_IP), new NetlinkAttributeSet()
            .Add(CTA_IP_V4_SRC, nameof(CTA_IP_V4_SRC))
            .Add(CTA_IP_V4_DST, nameof(CTA_IP_V4_DST))
            .Add(CTA_IP_V6_SRC, nameof(CTA_IP_V6_SRC))
            .Add(CTA_IP_V6_DST, nameof(CTA_IP_V6_DST)))
        .Add(CTA_TUPLE_PROTO, nameof(CTA_TUPLE_PROTO), new NetlinkAttributeSet()
            .Add(CTA_PROTO_NUM, nameof(CTA_PROTO_NUM))
            .Add(CTA_PROTO_SRC_PORT, nameof(CTA_PROTO_SRC_PORT))
            .Add(CTA_PROTO_DST_PORT, nameof(CTA_PROTO_DST_PORT)));

    private static readonly NetlinkAttributeSet _flow = new NetlinkAttributeSet(headerBytes: NfTables.NfConstants.NfGenMsgLength)
        .Add(CTA_TUPLE_ORIG, nameof(CTA_TUPLE_ORIG), _tuple)
        .Add(CTA_ZONE, nameof(CTA_ZONE))
        .Add(CTA_ID, nameof(CTA_ID));

    internal static NetlinkAttributeSet? Of(ushort messageType) => _flow;
}
