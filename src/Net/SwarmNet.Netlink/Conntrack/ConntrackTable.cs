using System.Net;
using SwarmNet.Linux;
using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.Conntrack;

/// <summary>The flows that a namespace tracks (<c>linux/netfilter/nfnetlink_conntrack.h</c>), over a NETLINK_NETFILTER socket.</summary>
public static class ConntrackTable
{
    private const ushort IPCTNL_MSG_CT_NEW = NFNL_SUBSYS_CTNETLINK << 8;
    private const ushort IPCTNL_MSG_CT_GET = (NFNL_SUBSYS_CTNETLINK << 8) | 1;
    private const ushort IPCTNL_MSG_CT_DELETE = (NFNL_SUBSYS_CTNETLINK << 8) | 2;
    private const ushort IPCTNL_MSG_CT_GET_STATS = (NFNL_SUBSYS_CTNETLINK << 8) | 5;
    private const ushort CTA_STATS_GLOBAL_ENTRIES = 1;
    private const byte IPPROTO_ICMP = 1;

    private const ushort CTA_TUPLE_ORIG = 1;
    private const ushort CTA_TUPLE_REPLY = 2;
    private const ushort CTA_STATUS = 3;
    private const ushort CTA_MARK = 8;
    private const ushort CTA_ID = 12;
    private const ushort CTA_TUPLE_IP = 1;
    private const ushort CTA_TUPLE_PROTO = 2;
    private const ushort CTA_IP_V4_SRC = 1;
    private const ushort CTA_IP_V4_DST = 2;
    private const ushort CTA_PROTO_NUM = 1;
    private const ushort CTA_PROTO_SRC_PORT = 2;
    private const ushort CTA_PROTO_DST_PORT = 3;
    private const ushort CTA_PROTO_ICMP_ID = 4;
    private const ushort CTA_PROTO_ICMP_TYPE = 5;
    private const ushort CTA_PROTO_ICMP_CODE = 6;

    /// <summary>Number of flows of this namespace, both families.</summary>
    public static uint Count(NetlinkSocket socket)
    {
        var request = new NetlinkWriter(64);
        request.BeginMessage(IPCTNL_MSG_CT_GET_STATS, NetlinkFlags.Request | NetlinkFlags.Ack, NetlinkSocket.NextSequence());
        request.Reserve(NfGenMsgLength);
        request.EndMessage();
        return socket.Query<uint>(request, TryParseCount, "count flows").FirstOrDefault();
    }

    /// <summary>All IPv4 flows.</summary>
    public static List<ConntrackFlow> List(NetlinkSocket socket)
    {
        // A dump walks the hash table that all namespaces share, tens of milliseconds even for an empty one; the count is at hand.
        if (Count(socket) == 0)
        {
            return [];
        }

        var request = new NetlinkWriter(64);
        request.BeginMessage(IPCTNL_MSG_CT_GET, NetlinkFlags.Request | NetlinkFlags.Dump, NetlinkSocket.NextSequence());
        request.Reserve(NfGenMsgLength)[0] = Libc.AF_INET;
        request.EndMessage();
        return socket.Query<ConntrackFlow>(request, TryParse, "list flows");
    }

    /// <summary>
    /// Forgets the flows that any of the filters matches and returns how many. The next packet of such a flow is a first packet
    /// again, so it is translated by the rules of that moment. Flows that end meanwhile are no error.
    /// </summary>
    public static int Delete(NetlinkSocket socket, params ReadOnlySpan<ConntrackFilter> filters)
    {
        var batch = new NetlinkBatch();
        foreach (ConntrackFlow flow in List(socket))
        {
            foreach (ConntrackFilter filter in filters)
            {
                if (filter.Matches(flow))
                {
                    AddDelete(batch, flow);
                    break;
                }
            }
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
        if (message.Type != IPCTNL_MSG_CT_GET_STATS || !message.Attributes(NfGenMsgLength).TryFind(CTA_STATS_GLOBAL_ENTRIES, out NetlinkAttribute entries)
            || entries.Value.Length != 4)
        {
            return false;
        }

        count = entries.UInt32BigEndian;
        return true;
    }

    internal static bool TryParse(in NetlinkMessage message, out ConntrackFlow flow)
    {
        flow = default;
        if (message.Type != IPCTNL_MSG_CT_NEW)
        {
            return false;
        }

        NetlinkAttributeReader attributes = message.Attributes(NfGenMsgLength);
        if (!attributes.TryFind(CTA_TUPLE_ORIG, out NetlinkAttribute tuple) || !TryParseTuple(tuple.Nested, out ConntrackTuple original)
            || !attributes.TryFind(CTA_TUPLE_REPLY, out tuple) || !TryParseTuple(tuple.Nested, out ConntrackTuple reply))
        {
            return false;
        }

        flow = new ConntrackFlow(
            original,
            reply,
            attributes.TryFind(CTA_ID, out NetlinkAttribute id) ? id.UInt32BigEndian : 0,
            attributes.TryFind(CTA_STATUS, out NetlinkAttribute status) ? status.UInt32BigEndian : 0,
            attributes.TryFind(CTA_MARK, out NetlinkAttribute mark) ? mark.UInt32BigEndian : 0);
        return true;
    }

    internal static void AddDelete(NetlinkBatch batch, in ConntrackFlow flow)
    {
        batch.Begin(IPCTNL_MSG_CT_DELETE, NetlinkFlags.None, "delete flow", tolerated: Errno.ENOENT);
        batch.Reserve(NfGenMsgLength)[0] = Libc.AF_INET;
        PutTuple(batch, CTA_TUPLE_ORIG, flow.Original);
        if (flow.Id != 0)
        {
            // Not another flow that has taken the same tuple meanwhile.
            batch.PutBigEndian(CTA_ID, flow.Id);
        }

        batch.EndMessage();
    }

    private static bool TryParseTuple(NetlinkAttributeReader tuple, out ConntrackTuple result)
    {
        result = default;
        if (!tuple.TryFind(CTA_TUPLE_IP, out NetlinkAttribute ip)
            || !ip.Nested.TryFind(CTA_IP_V4_SRC, out NetlinkAttribute source) || source.Value.Length != 4
            || !ip.Nested.TryFind(CTA_IP_V4_DST, out NetlinkAttribute destination) || destination.Value.Length != 4
            || !tuple.TryFind(CTA_TUPLE_PROTO, out NetlinkAttribute protocol)
            || !protocol.Nested.TryFind(CTA_PROTO_NUM, out NetlinkAttribute number))
        {
            return false;
        }

        ushort sourcePort = 0;
        ushort destinationPort = 0;
        if (number.Byte == IPPROTO_ICMP)
        {
            sourcePort = protocol.Nested.TryFind(CTA_PROTO_ICMP_ID, out NetlinkAttribute id) ? id.UInt16BigEndian : (ushort)0;
            int type = protocol.Nested.TryFind(CTA_PROTO_ICMP_TYPE, out NetlinkAttribute icmpType) ? icmpType.Byte : 0;
            int code = protocol.Nested.TryFind(CTA_PROTO_ICMP_CODE, out NetlinkAttribute icmpCode) ? icmpCode.Byte : 0;
            destinationPort = (ushort)((type << 8) | code);
        }
        else
        {
            sourcePort = protocol.Nested.TryFind(CTA_PROTO_SRC_PORT, out NetlinkAttribute port) ? port.UInt16BigEndian : (ushort)0;
            destinationPort = protocol.Nested.TryFind(CTA_PROTO_DST_PORT, out port) ? port.UInt16BigEndian : (ushort)0;
        }

        result = new ConntrackTuple(number.Byte, new IPAddress(source.Value), new IPAddress(destination.Value), sourcePort, destinationPort);
        return true;
    }

    private static void PutTuple(NetlinkWriter writer, ushort type, in ConntrackTuple tuple)
    {
        int nest = writer.BeginNested(type);
        int ip = writer.BeginNested(CTA_TUPLE_IP);
        tuple.Source.TryWriteBytes(writer.PutSpan(CTA_IP_V4_SRC, 4), out _);
        tuple.Destination.TryWriteBytes(writer.PutSpan(CTA_IP_V4_DST, 4), out _);
        writer.EndNested(ip);
        int protocol = writer.BeginNested(CTA_TUPLE_PROTO);
        writer.Put(CTA_PROTO_NUM, tuple.Protocol);
        if (tuple.Protocol == IPPROTO_ICMP)
        {
            writer.PutBigEndian(CTA_PROTO_ICMP_ID, tuple.SourcePort);
            writer.Put(CTA_PROTO_ICMP_TYPE, (byte)(tuple.DestinationPort >> 8));
            writer.Put(CTA_PROTO_ICMP_CODE, (byte)tuple.DestinationPort);
        }
        else
        {
            writer.PutBigEndian(CTA_PROTO_SRC_PORT, tuple.SourcePort);
            writer.PutBigEndian(CTA_PROTO_DST_PORT, tuple.DestinationPort);
        }

        writer.EndNested(protocol);
        writer.EndNested(nest);
    }
}
