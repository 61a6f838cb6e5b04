using System.Net.Sockets;
using SwarmNet.Linux;

namespace SwarmNet.Overlay.Mesh;

/// <summary>
/// Holds a socket on every published port, so that no other process takes the port and tools show who has it. Nothing ever
/// arrives there: packets are translated or refused before. Not thread-safe.
/// </summary>
internal sealed class PortGuard(NetworkNamespace? ns) : IDisposable
{
    // null where the kernel has no sockets of the protocol, so that nobody can take the port either.
    private readonly Dictionary<GuardedPort, FileDescriptor?> _sockets = [];

    /// <summary>
    /// Binds the ports that are not held yet. When one is taken, none of the new ones is kept and all that are taken are returned.
    /// </summary>
    /// <exception cref="OverlayException">A port is wanted on an address that the host does not have.</exception>
    public List<GuardedPort> Reserve(IReadOnlyList<GuardedPort> ports)
    {
        var added = new List<GuardedPort>();
        var taken = new List<GuardedPort>();
        try
        {
            foreach (GuardedPort port in ports)
            {
                if (_sockets.ContainsKey(port))
                {
                    continue;
                }

                if (TryBind(port, out FileDescriptor? socket))
                {
                    _sockets.Add(port, socket);
                    added.Add(port);
                }
                else
                {
                    taken.Add(port);
                }
            }
        }
        catch
        {
            Release(added);
            throw;
        }

        if (taken.Count > 0)
        {
            Release(added);
        }

        return taken;
    }

    /// <summary>Gives up everything but these.</summary>
    public void Keep(IReadOnlyCollection<GuardedPort> ports)
    {
        var kept = ports.ToHashSet();
        Release([.. _sockets.Keys.Where(held => !kept.Contains(held))]);
    }

    public void Dispose() => Release([.. _sockets.Keys]);

    private void Release(List<GuardedPort> ports)
    {
        foreach (GuardedPort port in ports)
        {
            if (_sockets.Remove(port, out FileDescriptor? socket))
            {
                socket?.Dispose();
            }
        }
    }

    private bool TryBind(GuardedPort port, out FileDescriptor? socket)
    {
        socket = null;
        try
        {
            socket = Open(port.Protocol);
        }
        catch (LinuxException e) when (port.Protocol == PublishedPort.Sctp && e.Errno is Errno.EPROTONOSUPPORT)
        {
            return true;
        }

        Errno errno = Bind(socket, port);
        if (errno == Errno.None)
        {
            return true;
        }

        socket.Dispose();
        socket = null;
        return errno switch
        {
            Errno.EADDRINUSE => false,
            Errno.EADDRNOTAVAIL => throw new OverlayException($"Port {port} cannot be published: {port.HostIp} is no address of this host."),
            _ => throw new LinuxException($"bind port {port}", errno),
        };
    }

    private FileDescriptor Open(ProtocolType protocol)
    {
        int type = protocol == ProtocolType.Udp ? Libc.SOCK_DGRAM : Libc.SOCK_STREAM;
        return ns is null
            ? Libc.socket(Libc.AF_INET, type | Libc.SOCK_CLOEXEC, (int)protocol).OrThrow("socket")
            : ns.OpenSocket(Libc.AF_INET, type, (int)protocol);
    }

    private static unsafe Errno Bind(FileDescriptor socket, GuardedPort port)
    {
        if (port.Protocol != ProtocolType.Udp)
        {
            // Connections of an earlier listener may still be in TIME_WAIT; a listener is a conflict all the same.
            int one = 1;
            _ = Libc.setsockopt(socket, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, &one, sizeof(int));
        }

        // struct sockaddr_in: family u16 host order, port u16 big endian, address, 8 bytes of padding.
        byte* address = stackalloc byte[16];
        var bytes = new Span<byte>(address, 16);
        bytes.Clear();
        bytes[0] = Libc.AF_INET;
        bytes[2] = (byte)(port.Port >> 8);
        bytes[3] = (byte)port.Port;
        port.HostIp?.TryWriteBytes(bytes[4..8], out _);
        // A backlog of 0 would end an SCTP socket's listening, and is an error where it has not begun.
        return Libc.bind(socket, address, 16) == 0 && (port.Protocol == ProtocolType.Udp || Libc.listen(socket, 1) == 0)
            ? Errno.None
            : LinuxException.LastErrno;
    }
}
