using SwarmNet.Linux;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>Attributes that links of all kinds share.</summary>
internal static class LinkMessages
{
    internal static void WriteCommon(
        NetlinkWriter writer, string name, int? mtu, MacAddress? address, int? group, NetworkNamespace? ns, int? txQueueLength, int? queues)
    {
        writer.PutString(IFLA_IFNAME, name);
        if (mtu is { } m)
        {
            writer.Put(IFLA_MTU, m);
        }

        if (address is { } a)
        {
            writer.PutAddress(IFLA_ADDRESS, a);
        }

        if (group is { } g)
        {
            writer.Put(IFLA_GROUP, g);
        }

        if (ns is not null)
        {
            writer.Put(IFLA_NET_NS_FD, ns.Descriptor.Number);
        }

        if (txQueueLength is { } t)
        {
            writer.Put(IFLA_TXQLEN, t);
        }

        if (queues is { } q)
        {
            writer.Put(IFLA_NUM_TX_QUEUES, q);
            writer.Put(IFLA_NUM_RX_QUEUES, q);
        }
    }

    internal static void WriteSpec(NetlinkWriter writer, LinkSpec spec)
    {
        writer.Append(new ifinfomsg
        {
            ifi_index = spec.Index,
            ifi_flags = spec.Up ? IFF_UP : 0,
            ifi_change = spec.Up ? IFF_UP : 0,
        });
        WriteCommon(writer, spec.Name, spec.Mtu, spec.Address, spec.Group, spec.Namespace, spec.TxQueueLength, spec.Queues);
        if (spec.Master is { } master)
        {
            writer.Put(IFLA_MASTER, master);
        }

        if (spec.LowerLink != 0)
        {
            writer.Put(IFLA_LINK, spec.LowerLink);
        }

        WriteInfo(writer, spec, create: true);
    }

    internal static void WriteInfo(NetlinkWriter writer, LinkSpec spec, bool create)
    {
        int info = writer.BeginNested(IFLA_LINKINFO);
        writer.PutString(IFLA_INFO_KIND, spec.Kind);
        int data = writer.BeginNested(IFLA_INFO_DATA);
        spec.WriteData(writer, create);
        writer.EndNested(data);
        writer.EndNested(info);
    }
}
