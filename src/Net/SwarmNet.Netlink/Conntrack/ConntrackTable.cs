using System.Net.Sockets;
using SwarmNet.Linux;
using static SwarmNet.Netlink.Conntrack.ConntrackConstants;

namespace SwarmNet.Netlink.Conntrack;

/// <summary>The flows that a namespace tracks (<c>linux/netfilter/nfnetlink_conntrack.h</c>), over a NETLINK_NETFILTER socket.</summary>
public static class ConntrackTable
{
    /// <summary>Number of flows of this namespace, all families and zones.</summary>
    public static uint Count(NetlinkSocket socket)
    {
        NetlinkWriter request = Begin(IPCTNL_MSG_CT_GET_STATS, NetlinkFlags.Ack);
        request.EndMessage();
        return socket.Query<uint>(request, TryParseCount, "count flows", ConntrackSchema.Of).FirstOrDefault();
    }

    /// <summary>All IPv4 and IPv6 flows, of all zones.</summary>
    public static List<ConntrackFlow> List(NetlinkSocket socket) => List(socket, default(ConntrackFilter));

    /// <summary>The flows that any of the filters matches.</summary>
    public static List<ConntrackFlow> List(NetlinkSocket socket, params ReadOnlySpan<ConntrackFilter> filters)
    {
        // A dump walks the hash table that all namespaces share, tens of milliseconds even for an empty one; the count is at hand.
        if (filters.IsEmpty || Count(socket) == 0)
        {
            return [];
        }

        ConntrackFilter[] wanted = filters.ToArray();
        NetlinkWriter request = Begin(IPCTNL_MSG_CT_GET, NetlinkFlags.Dump);
        if (wanted is [{ Mark: { } mark } only])
        {
            // The kernel can leave out other marks; older ones ignore it, so that it is compared here again.
            request.PutBigEndian(CTA_MARK, mark);
            request.PutBigEndian(CTA_MARK_MASK, only.MarkMask ?? uint.MaxValue);
        }

        request.EndMessage();
        return socket.Query<ConntrackFlow>(request, Parse, "list flows", ConntrackSchema.Of);

        bool Parse(in NetlinkMessage message, out ConntrackFlow flow)
        {
            if (ConntrackFlowView.TryCreate(message, out ConntrackFlowView view))
            {
                foreach (ref readonly ConntrackFilter filter in wanted.AsSpan())
                {
                    if (filter.Matches(view))
                    {
                        flow = view.ToFlow();
                        return true;
                    }
                }
            }

            flow = default;
            return false;
        }
    }

    /// <summary>
    /// Forgets the flows that any of the filters matches and returns how many. The next packet of such a flow is a first packet
    /// again, so it is translated by the rules of that moment. Flows that end meanwhile are no error.
    /// </summary>
    public static int Delete(NetlinkSocket socket, params ReadOnlySpan<ConntrackFilter> filters)
    {
        var batch = new NetlinkBatch(schema: ConntrackSchema.Of);
        foreach (ConntrackFlow flow in List(socket, filters))
        {
            AddDelete(batch, flow);
        }

        if (batch.Count > 0)
        {
            socket.Execute(batch);
        }

        return batch.Count;
    }

    internal static bool TryParseCount(in NetlinkMessage message, out uint count)
    {
        count = 0;
        if (message.Type != MessageType(IPCTNL_MSG_CT_GET_STATS) || !message.Attributes(NfTables.NfConstants.NfGenMsgLength).TryFind(CTA_STATS_GLOBAL_ENTRIES, out NetlinkAttribute entries)
            || entries.Value.Length != 4)
        {
            return false;
        }

        count = entries.UInt32BigEndian;
        return true;
    }

    internal static void AddDelete(NetlinkBatch batch, in ConntrackFlow flow)
    {
        batch.Begin(MessageType(IPCTNL_MSG_CT_DELETE), NetlinkFlags.None, "delete flow", tolerated: Errno.ENOENT);
        batch.Reserve(NfTables.NfConstants.NfGenMsgLength)[0] = IsIpv4(flow.Original) ? (byte)Libc.AF_INET : (byte)Libc.AF_INET6;
        PutTuple(batch, CTA_TUPLE_ORIG, flow.Original);
        if (flow.Zone != 0)
        {
            batch.PutBigEndian(CTA_ZONE, flow.Zone);
        }

        if (flow.Id != 0)
        {
            // Not another flow that has taken the same tuple meanwhile.
            batch.PutBigEndian(CTA_ID, flow.Id);
        }

        batch.EndMessage();
    }

    internal static void PutTuple(NetlinkWriter writer, ushort type, in ConntrackTuple tuple)
    {
        bool ipv4 = IsIpv4(tuple);
        int nest = writer.BeginNested(type);
        int ip = writer.BeginNested(CTA_TUPLE_IP);
        tuple.Source.TryWriteBytes(writer.PutSpan(ipv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, ipv4 ? 4 : 16), out _);
        tuple.Destination.TryWriteBytes(writer.PutSpan(ipv4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, ipv4 ? 4 : 16), out _);
        writer.EndNested(ip);
        int protocol = writer.BeginNested(CTA_TUPLE_PROTO);
        writer.Put(CTA_PROTO_NUM, tuple.Protocol);
        switch (tuple.Protocol)
        {
            case IPPROTO_ICMP:
                PutIcmp(writer, CTA_PROTO_ICMP_ID, CTA_PROTO_ICMP_TYPE, CTA_PROTO_ICMP_CODE, tuple);
                break;
            case IPPROTO_ICMPV6:
                PutIcmp(writer, CTA_PROTO_ICMPV6_ID, CTA_PROTO_ICMPV6_TYPE, CTA_PROTO_ICMPV6_CODE, tuple);
                break;
            default:
                writer.PutBigEndian(CTA_PROTO_SRC_PORT, tuple.SourcePort);
                writer.PutBigEndian(CTA_PROTO_DST_PORT, tuple.DestinationPort);
                break;
        }

        writer.EndNested(protocol);
        writer.EndNested(nest);
    }

    private static void PutIcmp(NetlinkWriter writer, ushort id, ushort type, ushort code, in ConntrackTuple tuple)
    {
        writer.PutBigEndian(id, tuple.SourcePort);
        writer.Put(type, (byte)(tuple.DestinationPort >> 8));
        writer.Put(code, (byte)tuple.DestinationPort);
    }

    private static bool IsIpv4(in ConntrackTuple tuple) => tuple.Source.AddressFamily == AddressFamily.InterNetwork;

    private static NetlinkWriter Begin(byte message, NetlinkFlags flags)
    {
        var request = new NetlinkWriter(64);
        request.BeginMessage(MessageType(message), NetlinkFlags.Request | flags, NetlinkSocket.NextSequence());
        request.Reserve(NfTables.NfConstants.NfGenMsgLength);
        return request;
    }
}
