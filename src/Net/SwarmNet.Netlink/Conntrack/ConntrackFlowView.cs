using static SwarmNet.Netlink.Conntrack.ConntrackConstants;

namespace SwarmNet.Netlink.Conntrack;

/// <summary>A flow that the kernel tracks; a view of the receive buffer. <see cref="ToFlow"/> makes a value of it.</summary>
public readonly ref struct ConntrackFlowView
{
    private readonly NetlinkAttributeReader _attributes;

    private ConntrackFlowView(NetlinkAttributeReader attributes) => _attributes = attributes;

    /// <summary>The direction of the first packet, before translation.</summary>
    public ConntrackTupleView Original { get; private init; }

    /// <summary>What answers look like before they are translated back.</summary>
    public ConntrackTupleView Reply { get; private init; }

    /// <summary>The kernel's number of the entry.</summary>
    public uint Id => UInt32(CTA_ID);

    /// <summary>IPS_* bits.</summary>
    public uint Status => UInt32(CTA_STATUS);

    /// <summary>The flow's mark.</summary>
    public uint Mark => UInt32(CTA_MARK);

    /// <summary>Seconds until it is forgotten.</summary>
    public uint TimeoutSeconds => UInt32(CTA_TIMEOUT);

    /// <summary>The flow's zone.</summary>
    public ushort Zone => _attributes.TryFind(CTA_ZONE, out NetlinkAttribute zone) ? zone.UInt16BigEndian : (ushort)0;

    /// <summary>Reads an entry; false for another message, a family other than IPv4 and IPv6, or bad bytes.</summary>
    public static bool TryCreate(in NetlinkMessage message, out ConntrackFlowView view)
    {
        view = default;
        if (message.Type != MessageType(IPCTNL_MSG_CT_NEW))
        {
            return false;
        }

        NetlinkAttributeReader attributes = message.Attributes(NfTables.NfConstants.NfGenMsgLength);
        if (!attributes.TryFind(CTA_TUPLE_ORIG, out NetlinkAttribute tuple) || !ConntrackTupleView.TryCreate(tuple.Nested, out ConntrackTupleView original)
            || !attributes.TryFind(CTA_TUPLE_REPLY, out tuple) || !ConntrackTupleView.TryCreate(tuple.Nested, out ConntrackTupleView reply))
        {
            return false;
        }

        view = new ConntrackFlowView(attributes) { Original = original, Reply = reply };
        return true;
    }

    /// <summary>The flow as a value.</summary>
    public ConntrackFlow ToFlow() => new(Original.ToTuple(), Reply.ToTuple(), Id, Status, Mark)
    {
        Zone = Zone,
        TimeoutSeconds = TimeoutSeconds,
        TcpState = _attributes.TryFind(CTA_PROTOINFO, out NetlinkAttribute info) && info.Nested.TryFind(CTA_PROTOINFO_TCP, out NetlinkAttribute tcp)
            && tcp.Nested.TryFind(CTA_PROTOINFO_TCP_STATE, out NetlinkAttribute state) ? state.Byte : null,
        OriginalCounter = Counter(CTA_COUNTERS_ORIG),
        ReplyCounter = Counter(CTA_COUNTERS_REPLY),
    };

    private uint UInt32(ushort type) => _attributes.TryFind(type, out NetlinkAttribute attribute) ? attribute.UInt32BigEndian : 0;

    private ConntrackCounter? Counter(ushort type) => _attributes.TryFind(type, out NetlinkAttribute counters)
        ? new ConntrackCounter(
            counters.Nested.TryFind(CTA_COUNTERS_PACKETS, out NetlinkAttribute packets) ? packets.UInt64BigEndian : 0,
            counters.Nested.TryFind(CTA_COUNTERS_BYTES, out NetlinkAttribute bytes) ? bytes.UInt64BigEndian : 0)
        : null;
}
