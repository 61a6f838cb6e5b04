using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

#pragma warning disable CS1591, CA2101 // names and meaning are those of the header

// sys/epoll.h, sys/eventfd.h, poll.h
public static unsafe partial class Libc
{
    public const int EPOLL_CLOEXEC = 0x80000;
    public const int EPOLL_CTL_ADD = 1;
    public const int EPOLL_CTL_DEL = 2;
    public const int EPOLL_CTL_MOD = 3;
    public const uint EPOLLIN = 1;
    public const uint EPOLLOUT = 4;
    public const uint EPOLLERR = 8;
    public const uint EPOLLHUP = 16;
    public const uint EPOLLONESHOT = 1u << 30;
    public const int EFD_CLOEXEC = 0x80000;
    public const int EFD_NONBLOCK = 0x800;
    public const short POLLIN = 1;
    public const short POLLOUT = 4;

    // struct epoll_event is packed on x86-64 only, so the layout is a matter of the architecture: see the Epoll class.
    public static int sizeof_epoll_event => IsArm64 ? 16 : 12;

    public static int offsetof_epoll_event_data => IsArm64 ? 8 : 4;

    [LibraryImport(libc, SetLastError = true)]
    public static partial FileDescriptor epoll_create1(int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int epoll_ctl(SafeHandle epfd, int op, SafeHandle fd, byte* ev);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int epoll_wait(SafeHandle epfd, byte* events, int maxevents, int timeout);

    [LibraryImport(libc, SetLastError = true)]
    public static partial FileDescriptor eventfd(uint initval, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int poll(pollfd* fds, nuint nfds, int timeout);

    [StructLayout(LayoutKind.Sequential)]
    public struct pollfd
    {
        public int fd;
        public short events;
        public short revents;
    }
}
