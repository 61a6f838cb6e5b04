using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;
using SwarmNet.Netlink.Generic;
using SwarmNet.Netlink.Route;
using static SwarmNet.Netlink.Ipvs.IpvsConstants;

namespace SwarmNet.Netlink.Ipvs;

/// <summary>Decodes the kernel's messages. The message type is not looked at: it differs from boot to boot.</summary>
internal static class IpvsReader
{
    internal static bool TryReadService(in NetlinkMessage message, out IpvsServiceEntry entry)
    {
        entry = default;
        if (!TryFind(message, IPVS_CMD_NEW_SERVICE, IPVS_CMD_SET_SERVICE, IPVS_CMD_ATTR_SERVICE, out NetlinkAttributeReader attributes))
        {
            return false;
        }

        ushort family = 0;
        byte protocol = 0;
        ushort port = 0;
        uint mark = 0;
        uint flags = 0;
        uint timeout = 0;
        uint netmask = uint.MaxValue;
        IpvsScheduler scheduler = default;
        string? engine = null;
        scoped ReadOnlySpan<byte> address = default;
        IpvsStatistics statistics = default;
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            switch (attribute.Type)
            {
                case IPVS_SVC_ATTR_AF:
                    family = attribute.UInt16;
                    break;
                case IPVS_SVC_ATTR_PROTOCOL:
                    protocol = (byte)attribute.UInt16;
                    break;
                case IPVS_SVC_ATTR_ADDR:
                    address = attribute.Value;
                    break;
                case IPVS_SVC_ATTR_PORT:
                    port = attribute.UInt16BigEndian;
                    break;
                case IPVS_SVC_ATTR_FWMARK:
                    mark = attribute.UInt32;
                    break;
                case IPVS_SVC_ATTR_SCHED_NAME:
                    scheduler = IpvsScheduler.Read(attribute.StringBytes);
                    break;
                case IPVS_SVC_ATTR_FLAGS:
                    flags = attribute.UInt32;
                    break;
                case IPVS_SVC_ATTR_TIMEOUT:
                    timeout = attribute.UInt32;
                    break;
                case IPVS_SVC_ATTR_NETMASK:
                    netmask = family == RouteConstants.AF_INET6 ? attribute.UInt32 : attribute.UInt32BigEndian;
                    break;
                case IPVS_SVC_ATTR_PE_NAME:
                    engine = Encoding.UTF8.GetString(attribute.StringBytes);
                    break;
                case IPVS_SVC_ATTR_STATS64:
                    statistics = ReadStatistics(attribute.Nested);
                    break;
            }
        }

        IpvsServiceId id;
        if (mark != 0 && family is RouteConstants.AF_INET or RouteConstants.AF_INET6)
        {
            id = IpvsServiceId.ByMark(mark, family == RouteConstants.AF_INET6);
        }
        else if (IpvsAddress.TryRead(family, address, out IpvsAddress virtualAddress))
        {
            id = IpvsServiceId.ByAddress(protocol, virtualAddress, port);
        }
        else
        {
            return false;
        }

        if (attributes.Malformed || scheduler.Name is null)
        {
            return false;
        }

        bool persistent = (flags & IP_VS_SVC_F_PERSISTENT) != 0;
        entry = new IpvsServiceEntry(
            new IpvsService
            {
                Id = id,
                Scheduler = scheduler,
                Flags = (IpvsServiceFlags)(flags & ~(IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_HASHED)),
                PersistenceSeconds = persistent ? timeout : 0,
                PersistencePrefixLength = PrefixLength(netmask, id.Address.IsIPv6),
                PersistenceEngine = engine,
            },
            statistics);
        return true;
    }

    internal static bool TryReadDestination(in NetlinkMessage message, out IpvsDestinationEntry entry)
    {
        entry = default;
        if (!TryFind(message, IPVS_CMD_NEW_DEST, IPVS_CMD_SET_DEST, IPVS_CMD_ATTR_DEST, out NetlinkAttributeReader attributes))
        {
            return false;
        }

        // Kernels before 3.18 do not tell the family, and have only destinations of the service's.
        ushort family = RouteConstants.AF_INET;
        scoped ReadOnlySpan<byte> address = default;
        ushort port = 0;
        uint forwarding = 0;
        int weight = 0;
        uint upper = 0;
        uint lower = 0;
        uint active = 0;
        uint inactive = 0;
        uint persistent = 0;
        byte tunnelType = 0;
        ushort tunnelPort = 0;
        ushort tunnelFlags = 0;
        IpvsStatistics statistics = default;
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            switch (attribute.Type)
            {
                case IPVS_DEST_ATTR_ADDR_FAMILY:
                    family = attribute.UInt16;
                    break;
                case IPVS_DEST_ATTR_ADDR:
                    address = attribute.Value;
                    break;
                case IPVS_DEST_ATTR_PORT:
                    port = attribute.UInt16BigEndian;
                    break;
                case IPVS_DEST_ATTR_FWD_METHOD:
                    forwarding = attribute.UInt32;
                    break;
                case IPVS_DEST_ATTR_WEIGHT:
                    weight = attribute.Int32;
                    break;
                case IPVS_DEST_ATTR_U_THRESH:
                    upper = attribute.UInt32;
                    break;
                case IPVS_DEST_ATTR_L_THRESH:
                    lower = attribute.UInt32;
                    break;
                case IPVS_DEST_ATTR_ACTIVE_CONNS:
                    active = attribute.UInt32;
                    break;
                case IPVS_DEST_ATTR_INACT_CONNS:
                    inactive = attribute.UInt32;
                    break;
                case IPVS_DEST_ATTR_PERSIST_CONNS:
                    persistent = attribute.UInt32;
                    break;
                case IPVS_DEST_ATTR_TUN_TYPE:
                    tunnelType = attribute.Byte;
                    break;
                case IPVS_DEST_ATTR_TUN_PORT:
                    tunnelPort = attribute.UInt16BigEndian;
                    break;
                case IPVS_DEST_ATTR_TUN_FLAGS:
                    tunnelFlags = attribute.UInt16;
                    break;
                case IPVS_DEST_ATTR_STATS64:
                    statistics = ReadStatistics(attribute.Nested);
                    break;
            }
        }

        if (attributes.Malformed || !IpvsAddress.TryRead(family, address, out IpvsAddress real))
        {
            return false;
        }

        entry = new IpvsDestinationEntry(
            new IpvsDestination(real, port, weight)
            {
                Forwarding = (IpvsForwarding)(forwarding & IP_VS_CONN_F_FWD_MASK),
                UpperThreshold = upper,
                LowerThreshold = lower,
                Tunnel = new IpvsTunnel((IpvsTunnelType)tunnelType, tunnelPort, tunnelFlags),
            },
            active,
            inactive,
            persistent,
            statistics);
        return true;
    }

    internal static bool TryReadTimeouts(in NetlinkMessage message, out IpvsTimeouts timeouts)
    {
        timeouts = default;
        if (!IsCommand(message, IPVS_CMD_SET_CONFIG))
        {
            return false;
        }

        NetlinkAttributeReader attributes = message.Attributes<GenericHeader>();
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            timeouts = attribute.Type switch
            {
                IPVS_CMD_ATTR_TIMEOUT_TCP => timeouts with { Tcp = attribute.UInt32 },
                IPVS_CMD_ATTR_TIMEOUT_TCP_FIN => timeouts with { TcpFin = attribute.UInt32 },
                IPVS_CMD_ATTR_TIMEOUT_UDP => timeouts with { Udp = attribute.UInt32 },
                _ => timeouts,
            };
        }

        return !attributes.Malformed;
    }

    internal static bool TryReadInfo(in NetlinkMessage message, [MaybeNullWhen(false)] out IpvsInfo info)
    {
        info = null;
        NetlinkAttributeReader attributes = message.Attributes<GenericHeader>();
        if (!IsCommand(message, IPVS_CMD_SET_INFO)
            || !attributes.TryFind(IPVS_INFO_ATTR_VERSION, out NetlinkAttribute version)
            || !attributes.TryFind(IPVS_INFO_ATTR_CONN_TAB_SIZE, out NetlinkAttribute size))
        {
            return false;
        }

        uint v = version.UInt32; // IP_VS_VERSION_CODE: a byte for each part
        info = new IpvsInfo(new Version((byte)(v >> 16), (byte)(v >> 8), (byte)v), size.UInt32);
        return true;
    }

    private static bool IsCommand(in NetlinkMessage message, byte command) => message.TryReadHeader(out GenericHeader header) && header.Command == command;

    // Listed are NEW_*; SET_* let requests be read back too.
    private static bool TryFind(in NetlinkMessage message, byte command, byte alternative, ushort type, out NetlinkAttributeReader attributes)
    {
        attributes = default;
        if (!message.TryReadHeader(out GenericHeader header) || (header.Command != command && header.Command != alternative)
            || !message.Attributes<GenericHeader>().TryFind(type, out NetlinkAttribute nest))
        {
            return false;
        }

        attributes = nest.Nested;
        return true;
    }

    private static IpvsStatistics ReadStatistics(NetlinkAttributeReader attributes)
    {
        Span<ulong> values = stackalloc ulong[IPVS_STATS_ATTR_OUTBPS + 1];
        values.Clear();
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            if (attribute.Type < values.Length)
            {
                values[attribute.Type] = attribute.UInt64;
            }
        }

        return new IpvsStatistics(
            values[IPVS_STATS_ATTR_CONNS],
            values[IPVS_STATS_ATTR_INPKTS],
            values[IPVS_STATS_ATTR_OUTPKTS],
            values[IPVS_STATS_ATTR_INBYTES],
            values[IPVS_STATS_ATTR_OUTBYTES],
            values[IPVS_STATS_ATTR_CPS],
            values[IPVS_STATS_ATTR_INPPS],
            values[IPVS_STATS_ATTR_OUTPPS],
            values[IPVS_STATS_ATTR_INBPS],
            values[IPVS_STATS_ATTR_OUTBPS]);
    }

    // An IPv4 mask, an IPv6 prefix length. Masks with holes, which ipvsadm lets through, count up to the first hole.
    private static byte? PrefixLength(uint netmask, bool ipv6)
    {
        uint length = ipv6 ? netmask : (uint)BitOperations.LeadingZeroCount(~netmask);
        return length >= (ipv6 ? 128u : 32u) ? null : (byte)length;
    }
}
