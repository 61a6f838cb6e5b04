using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

/// <summary>An epoll(7) instance whose events carry a 64-bit key. Adding and removing is safe from any thread.</summary>
public sealed unsafe class Epoll : IDisposable
{
    private readonly FileDescriptor _fd = Libc.epoll_create1(Libc.EPOLL_CLOEXEC).OrThrow("epoll_create1");

    /// <summary>Watches <paramref name="fd"/> for <paramref name="events"/> (<c>Libc.EPOLLIN</c> …), level-triggered.</summary>
    public void Add(SafeHandle fd, uint events, ulong key)
    {
        byte* ev = stackalloc byte[16];
        *(uint*)ev = events;
        Unaligned(ev) = key;
        if (Libc.epoll_ctl(_fd, Libc.EPOLL_CTL_ADD, fd, ev) != 0)
        {
            LinuxException.ThrowLast("epoll_ctl ADD");
        }
    }

    /// <summary>Watches <paramref name="fd"/> no longer. An event of it may still be on its way out of <see cref="Wait"/>.</summary>
    public void Remove(SafeHandle fd)
    {
        byte* unused = stackalloc byte[16];
        if (Libc.epoll_ctl(_fd, Libc.EPOLL_CTL_DEL, fd, unused) != 0 && LinuxException.LastErrno is not (Errno.ENOENT or Errno.EBADF))
        {
            LinuxException.ThrowLast("epoll_ctl DEL");
        }
    }

    /// <summary>Waits for events and writes their keys; returns how many (0 = timeout or signal). At most 64 at a time.</summary>
    /// <param name="keys">Receives the keys.</param>
    /// <param name="timeoutMilliseconds">-1 = for ever.</param>
    public int Wait(Span<ulong> keys, int timeoutMilliseconds)
    {
        byte* events = stackalloc byte[64 * 16];
        int count = Libc.epoll_wait(_fd, events, Math.Min(keys.Length, 64), timeoutMilliseconds);
        if (count < 0)
        {
            return LinuxException.LastErrno == Errno.EINTR ? 0 : throw new LinuxException("epoll_wait", LinuxException.LastErrno);
        }

        for (int i = 0; i < count; i++)
        {
            keys[i] = Unaligned(events + (i * Libc.sizeof_epoll_event));
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => _fd.Dispose();

    private static ref ulong Unaligned(byte* ev) => ref *(ulong*)(ev + Libc.offsetof_epoll_event_data);
}
