using System.Runtime.InteropServices;
using SwarmNet.Linux;
using SwarmNet.Netlink.Generic;
using static SwarmNet.Netlink.Ipvs.IpvsConstants;

namespace SwarmNet.Netlink.Ipvs;

/// <summary>
/// Changes of services and destinations, sent together by <see cref="IpvsSocket.Execute"/>. They are not a transaction: each takes effect
/// on its own, in order. Encoding allocates nothing once the buffer has its size. Reusable after <see cref="NetlinkBatch.Clear"/>, not thread-safe.
/// </summary>
public sealed class IpvsBatch : NetlinkBatch
{
    private readonly ushort _type;

    /// <summary>Creates an empty batch.</summary>
    /// <param name="family">The kernel's IPVS: <see cref="IpvsSocket.Family"/>.</param>
    /// <param name="capacityBytes">Room before the first growth.</param>
    public IpvsBatch(GenericFamily family, int capacityBytes = 4096)
        : base(capacityBytes, IpvsSchema.Of)
    {
        ArgumentNullException.ThrowIfNull(family);
        _type = family.Id;
    }

    /// <summary>Adds a service. EEXIST when there is one for the same packets; ENOENT when the scheduler or persistence engine is unknown.</summary>
    public IpvsBatch AddService(in IpvsService service, bool ignoreExisting = false)
    {
        BeginCommand(IPVS_CMD_NEW_SERVICE, "add service", ignoreExisting ? Errno.EEXIST : Errno.None);
        WriteService(service);
        EndMessage();
        return this;
    }

    /// <summary>Changes everything but the packets of a service; its connections and destinations stay. ESRCH when there is none.</summary>
    public IpvsBatch SetService(in IpvsService service)
    {
        BeginCommand(IPVS_CMD_SET_SERVICE, "set service", Errno.None);
        WriteService(service);
        EndMessage();
        return this;
    }

    /// <summary>Removes a service with its destinations.</summary>
    public IpvsBatch DeleteService(in IpvsServiceId id, bool ignoreMissing = false)
    {
        BeginCommand(IPVS_CMD_DEL_SERVICE, "delete service", ignoreMissing ? Errno.ESRCH : Errno.None);
        WriteId(this, id);
        EndMessage();
        return this;
    }

    /// <summary>Adds a destination. EEXIST when the service has it; ESRCH when there is no such service.</summary>
    public IpvsBatch AddDestination(in IpvsServiceId service, in IpvsDestination destination, bool ignoreExisting = false)
    {
        BeginCommand(IPVS_CMD_NEW_DEST, "add destination", ignoreExisting ? Errno.EEXIST : Errno.None);
        WriteId(this, service);
        WriteDestination(destination);
        EndMessage();
        return this;
    }

    /// <summary>Changes everything but address and port of a destination; its connections stay. ENOENT when the service has none such.</summary>
    public IpvsBatch SetDestination(in IpvsServiceId service, in IpvsDestination destination)
    {
        BeginCommand(IPVS_CMD_SET_DEST, "set destination", Errno.None);
        WriteId(this, service);
        WriteDestination(destination);
        EndMessage();
        return this;
    }

    /// <summary>
    /// Removes a destination. Its connections hang until they time out, or end with the next packet when the sysctl
    /// <c>net.ipv4.vs.expire_nodest_conn</c> is 1.
    /// </summary>
    public IpvsBatch DeleteDestination(in IpvsServiceId service, IpvsAddress address, ushort port, bool ignoreMissing = false)
    {
        BeginCommand(IPVS_CMD_DEL_DEST, "delete destination", ignoreMissing ? Errno.ENOENT : Errno.None);
        WriteId(this, service);
        int nest = BeginNested(IPVS_CMD_ATTR_DEST);
        WriteEndpoint(address, port);
        EndNested(nest);
        EndMessage();
        return this;
    }

    /// <summary>Removes all services of the namespace.</summary>
    public IpvsBatch Flush()
    {
        BeginCommand(IPVS_CMD_FLUSH, "flush services", Errno.None);
        EndMessage();
        return this;
    }

    /// <summary>Sets the counters of all services and destinations of the namespace to 0.</summary>
    public IpvsBatch ZeroAll()
    {
        BeginCommand(IPVS_CMD_ZERO, "zero counters", Errno.None);
        EndMessage();
        return this;
    }

    /// <summary>Sets the counters of a service and its destinations to 0.</summary>
    public IpvsBatch Zero(in IpvsServiceId service)
    {
        BeginCommand(IPVS_CMD_ZERO, "zero counters", Errno.None);
        WriteId(this, service);
        EndMessage();
        return this;
    }

    /// <summary>Sets the timeouts of the namespace; those that are 0 stay as they are. They count from a connection's next packet on.</summary>
    public IpvsBatch SetTimeouts(in IpvsTimeouts timeouts)
    {
        BeginCommand(IPVS_CMD_SET_CONFIG, "set timeouts", Errno.None);
        Put(IPVS_CMD_ATTR_TIMEOUT_TCP, timeouts.Tcp);
        Put(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, timeouts.TcpFin);
        Put(IPVS_CMD_ATTR_TIMEOUT_UDP, timeouts.Udp);
        EndMessage();
        return this;
    }

    /// <summary>The nest that names a service.</summary>
    internal static void WriteId(NetlinkWriter writer, in IpvsServiceId id)
    {
        int nest = writer.BeginNested(IPVS_CMD_ATTR_SERVICE);
        WriteIdAttributes(writer, id);
        writer.EndNested(nest);
    }

    private static void WriteIdAttributes(NetlinkWriter writer, in IpvsServiceId id)
    {
        writer.Put(IPVS_SVC_ATTR_AF, (ushort)id.Address.Family);
        if (id.FirewallMark != 0)
        {
            writer.Put(IPVS_SVC_ATTR_FWMARK, id.FirewallMark);
            return;
        }

        writer.Put(IPVS_SVC_ATTR_PROTOCOL, (ushort)id.Protocol);
        id.Address.WriteTo(writer.PutSpan(IPVS_SVC_ATTR_ADDR, IpvsAddress.Length));
        writer.PutBigEndian(IPVS_SVC_ATTR_PORT, id.Port);
    }

    private void BeginCommand(byte command, string operation, Errno tolerated)
    {
        Begin(_type, NetlinkFlags.None, operation, null, tolerated);
        Append(new GenericHeader(command, IPVS_GENL_VERSION));
    }

    private void WriteService(in IpvsService service)
    {
        int nest = BeginNested(IPVS_CMD_ATTR_SERVICE);
        WriteIdAttributes(this, service.Id);
        PutString(IPVS_SVC_ATTR_SCHED_NAME, service.Scheduler.Name);
        if (service.PersistenceEngine is { } engine)
        {
            PutString(IPVS_SVC_ATTR_PE_NAME, engine);
        }

        uint flags = (uint)service.Flags | (service.PersistenceSeconds == 0 ? 0 : IP_VS_SVC_F_PERSISTENT);
        Span<byte> span = PutSpan(IPVS_SVC_ATTR_FLAGS, 2 * sizeof(uint)); // struct ip_vs_flags: flags, mask
        MemoryMarshal.Write(span, flags);
        MemoryMarshal.Write(span[sizeof(uint)..], uint.MaxValue);
        Put(IPVS_SVC_ATTR_TIMEOUT, service.PersistenceSeconds);
        WriteNetmask(service.PersistencePrefixLength, service.Id.Address.IsIPv6);
        EndNested(nest);
    }

    private void WriteNetmask(byte? prefixLength, bool ipv6)
    {
        int bits = ipv6 ? 128 : 32;
        int length = prefixLength ?? bits;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, bits, nameof(prefixLength));
        if (ipv6)
        {
            Put(IPVS_SVC_ATTR_NETMASK, (uint)length);
        }
        else
        {
            PutBigEndian(IPVS_SVC_ATTR_NETMASK, length == 0 ? 0 : uint.MaxValue << (bits - length));
        }
    }

    private void WriteDestination(in IpvsDestination destination)
    {
        int nest = BeginNested(IPVS_CMD_ATTR_DEST);
        WriteEndpoint(destination.Address, destination.Port);
        Put(IPVS_DEST_ATTR_FWD_METHOD, (uint)destination.Forwarding);
        Put(IPVS_DEST_ATTR_WEIGHT, destination.Weight);
        Put(IPVS_DEST_ATTR_U_THRESH, destination.UpperThreshold);
        Put(IPVS_DEST_ATTR_L_THRESH, destination.LowerThreshold);
        if (destination.Tunnel != default)
        {
            Put(IPVS_DEST_ATTR_TUN_TYPE, (byte)destination.Tunnel.Type);
            PutBigEndian(IPVS_DEST_ATTR_TUN_PORT, destination.Tunnel.Port);
            Put(IPVS_DEST_ATTR_TUN_FLAGS, destination.Tunnel.Flags);
        }

        EndNested(nest);
    }

    private void WriteEndpoint(IpvsAddress address, ushort port)
    {
        Put(IPVS_DEST_ATTR_ADDR_FAMILY, (ushort)address.Family);
        address.WriteTo(PutSpan(IPVS_DEST_ATTR_ADDR, IpvsAddress.Length));
        PutBigEndian(IPVS_DEST_ATTR_PORT, port);
    }
}
