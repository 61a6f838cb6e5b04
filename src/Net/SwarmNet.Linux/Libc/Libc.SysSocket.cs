using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

#pragma warning disable CS1591, CA2101 // names and meaning are those of the header

// sys/socket.h, asm-generic/socket.h, sys/uio.h
public static unsafe partial class Libc
{
    public const int AF_UNSPEC = 0;
    public const int AF_UNIX = 1;
    public const int AF_INET = 2;
    public const int AF_BRIDGE = 7;
    public const int AF_INET6 = 10;
    public const int AF_NETLINK = 16;
    public const int AF_PACKET = 17;
    public const int SOCK_STREAM = 1;
    public const int SOCK_DGRAM = 2;
    public const int SOCK_RAW = 3;
    public const int SOCK_SEQPACKET = 5;
    public const int SOCK_NONBLOCK = 0x800;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOL_SOCKET = 1;
    public const int SO_REUSEADDR = 2;
    public const int SO_ERROR = 4;
    public const int SO_BROADCAST = 6;
    public const int SO_SNDBUF = 7;
    public const int SO_RCVBUF = 8;
    public const int SO_REUSEPORT = 15;
    public const int SO_RCVTIMEO = 20;
    public const int SO_SNDTIMEO = 21;
    public const int SO_BINDTODEVICE = 25;
    public const int SO_SNDBUFFORCE = 32;
    public const int SO_RCVBUFFORCE = 33;
    public const int SO_MARK = 36;
    public const int MSG_PEEK = 2;
    public const int MSG_TRUNC = 0x20;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int MSG_WAITFORONE = 0x10000;

    [LibraryImport(libc, SetLastError = true)]
    public static partial FileDescriptor socket(int domain, int type, int protocol);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int socketpair(int domain, int type, int protocol, int* sv);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int bind(SafeHandle sockfd, void* addr, uint addrlen);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int connect(SafeHandle sockfd, void* addr, uint addrlen);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int listen(SafeHandle sockfd, int backlog);

    [LibraryImport(libc, SetLastError = true)]
    public static partial FileDescriptor accept4(SafeHandle sockfd, void* addr, uint* addrlen, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int getsockname(SafeHandle sockfd, void* addr, uint* addrlen);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int setsockopt(SafeHandle sockfd, int level, int optname, void* optval, uint optlen);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int getsockopt(SafeHandle sockfd, int level, int optname, void* optval, uint* optlen);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint send(SafeHandle sockfd, byte* buf, nuint len, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint recv(SafeHandle sockfd, byte* buf, nuint len, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint sendto(SafeHandle sockfd, byte* buf, nuint len, int flags, void* addr, uint addrlen);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint recvfrom(SafeHandle sockfd, byte* buf, nuint len, int flags, void* addr, uint* addrlen);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint sendmsg(SafeHandle sockfd, msghdr* msg, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint recvmsg(SafeHandle sockfd, msghdr* msg, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int sendmmsg(SafeHandle sockfd, mmsghdr* msgvec, uint vlen, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int recvmmsg(SafeHandle sockfd, mmsghdr* msgvec, uint vlen, int flags, timespec* timeout);

    [StructLayout(LayoutKind.Sequential)]
    public struct iovec
    {
        public void* iov_base;
        public nuint iov_len;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct msghdr
    {
        public void* msg_name;
        public uint msg_namelen;
        public iovec* msg_iov;
        public nuint msg_iovlen;
        public void* msg_control;
        public nuint msg_controllen;
        public int msg_flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct mmsghdr
    {
        public msghdr msg_hdr;
        public uint msg_len;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct timeval
    {
        public long tv_sec;
        public long tv_usec;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct timespec
    {
        public long tv_sec;
        public long tv_nsec;
    }
}
