using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;

namespace SwarmNet.Dns;

/// <summary>A UDP socket and a TCP listener, made by raw system calls so that they can be made inside a namespace.</summary>
internal readonly record struct DnsSockets(FileDescriptor Udp, int UdpPort, FileDescriptor Tcp, int TcpPort)
{
    internal static DnsSockets Open(NetworkNamespace? ns, IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetwork)
        {
            throw new ArgumentException($"{address} is not an IPv4 address; the resolver listens on IPv4 only.", nameof(address));
        }

        uint networkOrder = BitConverter.ToUInt32(address.GetAddressBytes());
        return ns is null ? OpenHere(networkOrder) : ns.Run(() => OpenHere(networkOrder));
    }

    private static DnsSockets OpenHere(uint address)
    {
        (FileDescriptor udp, int udpPort) = Bind(Libc.SOCK_DGRAM, address);
        try
        {
            (FileDescriptor tcp, int tcpPort) = Bind(Libc.SOCK_STREAM, address);
            return new DnsSockets(udp, udpPort, tcp, tcpPort);
        }
        catch
        {
            udp.Dispose();
            throw;
        }
    }

    private static unsafe (FileDescriptor Socket, int Port) Bind(int type, uint address)
    {
        FileDescriptor socket = Libc.socket(Libc.AF_INET, type | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, 0).OrThrow("open DNS socket");
        var name = new Libc.sockaddr_in { sin_family = Libc.AF_INET, sin_addr = address };
        uint length = (uint)sizeof(Libc.sockaddr_in);
        if (Libc.bind(socket, &name, length) != 0
            || (type == Libc.SOCK_STREAM && Libc.listen(socket, 128) != 0)
            || Libc.getsockname(socket, &name, &length) != 0)
        {
            Errno errno = LinuxException.LastErrno;
            socket.Dispose();
            throw new LinuxException("bind DNS socket", errno);
        }

        return (socket, BinaryPrimitives.ReverseEndianness(name.sin_port));
    }
}
