using System.Diagnostics.CodeAnalysis;
using SwarmNet.Linux;
using SwarmNet.Netlink.Generic;
using static SwarmNet.Netlink.Ipvs.IpvsConstants;

namespace SwarmNet.Netlink.Ipvs;

/// <summary>
/// The virtual services of one namespace (ipvsadm(8)). Changes go through an <see cref="IpvsBatch"/>; listings are values. Thread-safe; calls
/// take microseconds and block that long.
/// </summary>
public sealed class IpvsSocket : IDisposable
{
    private readonly GenericNetlink _socket;

    private IpvsSocket(GenericNetlink socket, GenericFamily family)
    {
        _socket = socket;
        Family = family;
    }

    /// <summary>The kernel's IPVS, for <see cref="IpvsBatch"/>.</summary>
    public GenericFamily Family { get; }

    /// <summary>Opens a socket in <paramref name="ns"/>, or in the namespace of the process.</summary>
    /// <exception cref="NetlinkException">EPROTONOSUPPORT: the kernel has no IPVS.</exception>
    public static IpvsSocket Open(NetworkNamespace? ns = null) => TryOpen(ns, out IpvsSocket? socket)
        ? socket
        : throw new NetlinkException("open IPVS", Errno.EPROTONOSUPPORT, "this kernel has no IPVS: it needs CONFIG_IP_VS (module ip_vs)");

    /// <summary>As <see cref="Open"/>; false when the kernel has no IPVS. A kernel that has it as a module loads it now.</summary>
    public static bool TryOpen(NetworkNamespace? ns, [NotNullWhen(true)] out IpvsSocket? socket)
    {
        GenericNetlink generic = GenericNetlink.Open(ns);
        GenericFamily? family = null;
        try
        {
            family = generic.FindFamily(IPVS_GENL_NAME);
        }
        finally
        {
            if (family is null)
            {
                generic.Dispose();
            }
        }

        socket = family is null ? null : new IpvsSocket(generic, family);
        return socket is not null;
    }

    /// <summary>An empty batch for this socket.</summary>
    public IpvsBatch NewBatch(int capacityBytes = 4096) => new(Family, capacityBytes);

    /// <summary>Sends all changes; throws the first refusal as <see cref="NetlinkException"/> after trying all.</summary>
    public void Execute(IpvsBatch batch) => _socket.Execute(batch);

    /// <summary>Sends all changes; true when none was refused, else see <see cref="NetlinkBatch.Failures"/>.</summary>
    public bool TryExecute(IpvsBatch batch) => _socket.TryExecute(batch);

    /// <summary>All services.</summary>
    public IReadOnlyList<IpvsServiceEntry> GetServices()
    {
        NetlinkWriter request = Begin(IPVS_CMD_GET_SERVICE, NetlinkFlags.Dump);
        request.EndMessage();
        return _socket.Query<IpvsServiceEntry>(request, IpvsServiceEntry.TryParse, "list services", IpvsSchema.Of);
    }

    /// <summary>One service, or null.</summary>
    public IpvsServiceEntry? FindService(in IpvsServiceId id)
    {
        NetlinkWriter request = Begin(IPVS_CMD_GET_SERVICE, NetlinkFlags.Ack);
        IpvsBatch.WriteId(request, id);
        request.EndMessage();
        try
        {
            return _socket.Query<IpvsServiceEntry>(request, IpvsServiceEntry.TryParse, "get service", IpvsSchema.Of)[0];
        }
        catch (NetlinkException e) when (e.Errno == Errno.ESRCH)
        {
            return null;
        }
    }

    /// <summary>All destinations of a service; none when there is no such service.</summary>
    public IReadOnlyList<IpvsDestinationEntry> GetDestinations(in IpvsServiceId service)
    {
        NetlinkWriter request = Begin(IPVS_CMD_GET_DEST, NetlinkFlags.Dump);
        IpvsBatch.WriteId(request, service);
        request.EndMessage();
        return _socket.Query<IpvsDestinationEntry>(request, IpvsDestinationEntry.TryParse, "list destinations", IpvsSchema.Of);
    }

    /// <summary>The timeouts of the namespace.</summary>
    public IpvsTimeouts GetTimeouts() => Get<IpvsTimeouts>(IPVS_CMD_GET_CONFIG, IpvsTimeouts.TryParse, "get timeouts");

    /// <summary>Version and size.</summary>
    public IpvsInfo GetInfo() => Get<IpvsInfo>(IPVS_CMD_GET_INFO, IpvsInfo.TryParse, "get info");

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private T Get<T>(byte command, NetlinkParser<T> parser, string operation)
    {
        NetlinkWriter request = Begin(command, NetlinkFlags.Ack);
        request.EndMessage();
        List<T> answers = _socket.Query(request, parser, operation, IpvsSchema.Of);
        return answers.Count == 1 ? answers[0] : throw new NetlinkException(operation, Errno.EPROTO, "the kernel's answer could not be read");
    }

    private NetlinkWriter Begin(byte command, NetlinkFlags flags)
    {
        var request = new NetlinkWriter(128);
        request.BeginMessage(Family.Id, NetlinkFlags.Request | flags, NetlinkSocket.NextSequence());
        request.Append(new GenericHeader(command, IPVS_GENL_VERSION));
        return request;
    }
}
