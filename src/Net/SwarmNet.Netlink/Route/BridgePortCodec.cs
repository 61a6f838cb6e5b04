using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>Reads and writes the settings of a bridge port.</summary>
internal static class BridgePortCodec
{
    internal static BridgePortSpec Parse(NetlinkAttributeReader data)
    {
        var port = default(BridgePortSpec);
        while (data.TryRead(out NetlinkAttribute attribute))
        {
            bool value = attribute.Byte != 0;
            port = attribute.Type switch
            {
                IFLA_BRPORT_MODE => port with { Hairpin = value },
                IFLA_BRPORT_LEARNING => port with { Learning = value },
                IFLA_BRPORT_UNICAST_FLOOD => port with { UnicastFlood = value },
                IFLA_BRPORT_MCAST_FLOOD => port with { MulticastFlood = value },
                IFLA_BRPORT_BCAST_FLOOD => port with { BroadcastFlood = value },
                IFLA_BRPORT_PROXYARP => port with { ProxyArp = value },
                IFLA_BRPORT_NEIGH_SUPPRESS => port with { NeighbourSuppress = value },
                IFLA_BRPORT_ISOLATED => port with { Isolated = value },
                _ => port,
            };
        }

        return port;
    }

    internal static void Write(NetlinkWriter writer, in BridgePortSpec port)
    {
        Put(writer, IFLA_BRPORT_MODE, port.Hairpin);
        Put(writer, IFLA_BRPORT_LEARNING, port.Learning);
        Put(writer, IFLA_BRPORT_UNICAST_FLOOD, port.UnicastFlood);
        Put(writer, IFLA_BRPORT_MCAST_FLOOD, port.MulticastFlood);
        Put(writer, IFLA_BRPORT_BCAST_FLOOD, port.BroadcastFlood);
        Put(writer, IFLA_BRPORT_PROXYARP, port.ProxyArp);
        Put(writer, IFLA_BRPORT_NEIGH_SUPPRESS, port.NeighbourSuppress);
        Put(writer, IFLA_BRPORT_ISOLATED, port.Isolated);
    }

    private static void Put(NetlinkWriter writer, ushort type, bool? value)
    {
        if (value is { } v)
        {
            writer.Put(type, v);
        }
    }
}
