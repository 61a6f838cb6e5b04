using System.Net.Sockets;
using SwarmNet.Linux;

namespace SwarmNet.Overlay.Mesh;

/// <summary>
/// Holds a socket on every published port, so that no other process takes the port and tools show who has it. Nothing ever
/// arrives there: packets are translated or refused before. Not thread-safe.
/// </summary>
internal sealed class PortGuard(NetworkNamespace? ns) : IDisposable
{
    private readonly Dictionary<(ProtocolType Protocol, ushort Port), FileDescriptor> _sockets = [];

    /// <summary>
    /// Binds the ports that are not held yet. When one is taken, none of the new ones is kept and all that are taken are returned.
    /// </summary>
    public List<(ProtocolType Protocol, ushort Port)> Reserve(IEnumerable<(ProtocolType Protocol, ushort Port)> ports)
    {
        var added = new List<(ProtocolType, ushort)>();
        var taken = new List<(ProtocolType, ushort)>();
        foreach ((ProtocolType Protocol, ushort Port) port in ports)
        {
            if (_sockets.ContainsKey(port))
            {
                continue;
            }

            if (TryBind(port.Protocol, port.Port) is { } socket)
            {
                _sockets.Add(port, socket);
                added.Add(port);
            }
            else
            {
                taken.Add(port);
            }
        }

        if (taken.Count > 0)
        {
            Release(added);
        }

        return taken;
    }

    /// <summary>Ports that are held.</summary>
    public IReadOnlyCollection<(ProtocolType Protocol, ushort Port)> Held => _sockets.Keys;

    /// <summary>Gives ports up.</summary>
    public void Release(IEnumerable<(ProtocolType Protocol, ushort Port)> ports)
    {
        foreach ((ProtocolType Protocol, ushort Port) port in ports)
        {
            if (_sockets.Remove(port, out FileDescriptor? socket))
            {
                socket.Dispose();
            }
        }
    }

    public void Dispose() => Release([.. _sockets.Keys]);

    private FileDescriptor? TryBind(ProtocolType protocol, ushort port)
    {
        FileDescriptor socket = Open(protocol == ProtocolType.Tcp ? Libc.SOCK_STREAM : Libc.SOCK_DGRAM);
        Errno errno = Bind(socket, protocol, port);
        if (errno == Errno.None)
        {
            return socket;
        }

        socket.Dispose();
        return errno == Errno.EADDRINUSE ? null : throw new LinuxException($"bind port {port}", errno);
    }

    private FileDescriptor Open(int type) => ns is null
        ? Libc.socket(Libc.AF_INET, type | Libc.SOCK_CLOEXEC, 0).OrThrow("socket")
        : ns.OpenSocket(Libc.AF_INET, type, 0);

    private static unsafe Errno Bind(FileDescriptor socket, ProtocolType protocol, ushort port)
    {
        if (protocol == ProtocolType.Tcp)
        {
            // Connections of an earlier listener may still be in TIME_WAIT; a listener is a conflict all the same.
            int one = 1;
            _ = Libc.setsockopt(socket, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, &one, sizeof(int));
        }

        // struct sockaddr_in: family u16 host order, port u16 big endian, address 0.0.0.0, 8 bytes of padding.
        byte* address = stackalloc byte[16];
        new Span<byte>(address, 16).Clear();
        address[0] = Libc.AF_INET;
        address[2] = (byte)(port >> 8);
        address[3] = (byte)port;
        return Libc.bind(socket, address, 16) == 0 && (protocol != ProtocolType.Tcp || Libc.listen(socket, 0) == 0)
            ? Errno.None
            : LinuxException.LastErrno;
    }
}
