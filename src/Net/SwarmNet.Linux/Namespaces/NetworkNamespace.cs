using System.Text;

namespace SwarmNet.Linux;

/// <summary>
/// A network namespace, held open by a descriptor. Entering one is possible only through <see cref="Run{T}"/>: the work runs on a
/// dedicated thread that goes in, makes raw system calls, comes home, and only then hands over the result. Sockets made inside belong
/// to that namespace for their whole life and can be used from any thread afterwards.
/// </summary>
public sealed partial class NetworkNamespace : IDisposable
{
    private readonly FileDescriptor _fd;

    private NetworkNamespace(FileDescriptor fd, string path)
    {
        _fd = fd;
        Path = path;
        Id = Inode(fd, path);
    }

    /// <summary>Where it was opened; for messages.</summary>
    public string Path { get; }

    /// <summary>The inode of the namespace: unique among those alive, what <c>readlink /proc/self/ns/net</c> shows in brackets.</summary>
    public ulong Id { get; }

    /// <summary>The descriptor, for IFLA_NET_NS_FD and setns(2). Owned by this object.</summary>
    public FileDescriptor Descriptor => _fd;

    /// <summary>
    /// Makes a new namespace and pins it by a bind mount on <paramref name="path"/> (created as an empty file; the folder must exist).
    /// Throws <see cref="LinuxException"/> with EEXIST when the file is already there.
    /// </summary>
    /// <param name="path">For example <c>/run/netns/a</c>.</param>
    /// <param name="loopbackUp">Brings <c>lo</c> up, without which 127.0.0.1 does not answer.</param>
    public static NetworkNamespace Create(string path, bool loopbackUp = true)
    {
        // Not open(O_EXCL): that one follows a namespace mounted here and succeeds (seen on Linux 6.18).
        if (Libc.mknod(path, Libc.S_IFREG, 0) != 0)
        {
            LinuxException.ThrowLast($"create {path}");
        }

        try
        {
            NamespaceThread.Shared.Run<int>(null, () =>
            {
                if (Libc.unshare(Libc.CLONE_NEWNET) != 0)
                {
                    LinuxException.ThrowLast("unshare network namespace");
                }

                if (loopbackUp)
                {
                    BringLoopbackUp();
                }

                return Libc.mount("/proc/thread-self/ns/net", path, null, Libc.MS_BIND, null) == 0
                    ? 0
                    : throw new LinuxException($"bind-mount network namespace on {path}", LinuxException.LastErrno);
            });
            return Open(path);
        }
        catch
        {
            _ = Libc.unlink(path);
            throw;
        }
    }

    /// <summary>Opens a pinned namespace, or one of a process (<c>/proc/PID/ns/net</c>).</summary>
    public static NetworkNamespace Open(string path) =>
        new(Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0).OrThrow($"open network namespace {path}"), path);

    /// <summary>Opens the namespace that the process itself lives in.</summary>
    public static NetworkNamespace OpenCurrent() => Open("/proc/self/ns/net");

    /// <summary>
    /// Removes the pin at <paramref name="path"/>; the namespace dies with its last process and descriptor. Absence is not an error.
    /// </summary>
    public static void Delete(string path)
    {
        // EINVAL: a plain file, left by a Create that was interrupted between its two steps.
        if (Libc.umount2(path, Libc.MNT_DETACH) != 0 && LinuxException.LastErrno is not (Errno.EINVAL or Errno.ENOENT))
        {
            LinuxException.ThrowLast($"unmount {path}");
        }

        if (Libc.unlink(path) != 0 && LinuxException.LastErrno != Errno.ENOENT)
        {
            LinuxException.ThrowLast($"unlink {path}");
        }
    }

    /// <summary>
    /// Runs <paramref name="rawSyscallsOnly"/> inside this namespace and returns its result, or throws what it threw. Blocks for some
    /// 30 µs plus the work. The delegate may call <see cref="Libc"/> and nothing that could start a thread: no tasks, no async IO, no
    /// <c>Process</c>, no <c>HttpClient</c>.
    /// </summary>
    public T Run<T>(Func<T> rawSyscallsOnly) => NamespaceThread.Shared.Run(_fd, rawSyscallsOnly);

    /// <summary>As <see cref="Run{T}"/>, without blocking the caller.</summary>
    public Task<T> RunAsync<T>(Func<T> rawSyscallsOnly) => NamespaceThread.Shared.RunAsync(_fd, rawSyscallsOnly);

    /// <summary>Opens a socket inside this namespace (close-on-exec is added).</summary>
    public FileDescriptor OpenSocket(int domain, int type, int protocol) =>
        Run(() => Libc.socket(domain, type | Libc.SOCK_CLOEXEC, protocol).OrThrow("socket"));

    /// <summary>
    /// Writes a sysctl of this namespace, as sysctl(8) names it: <c>net.ipv4.ip_forward</c>, or with slashes where an interface name
    /// has a dot (<c>net/ipv4/conf/eth0.5/rp_filter</c>).
    /// </summary>
    public void SetSysctl(string name, string value)
    {
        string path = SysctlPath(name);
        byte[] pathBytes = Encoding.UTF8.GetBytes(path + '\0');
        byte[] valueBytes = Encoding.UTF8.GetBytes(value);
        Errno error = Run(() => WriteFile(pathBytes, valueBytes));
        if (error != Errno.None)
        {
            throw new LinuxException($"write {value} to {path}", error);
        }
    }

    /// <summary>
    /// Reads a sysctl of this namespace, named as for <see cref="SetSysctl"/>, without the line's end; at most 255 bytes. Null when the kernel
    /// or the interface has none of that name.
    /// </summary>
    public string? TryGetSysctl(string name)
    {
        string path = SysctlPath(name);
        byte[] pathBytes = Encoding.UTF8.GetBytes(path + '\0');
        byte[] buffer = new byte[255];
        (Errno error, int length) = Run(() => ReadFile(pathBytes, buffer));
        return error switch
        {
            Errno.None => Encoding.UTF8.GetString(buffer, 0, length).TrimEnd('\n'),
            Errno.ENOENT => null,
            _ => throw new LinuxException($"read {path}", error),
        };
    }

    /// <summary>Reads a file of this namespace's <c>/proc/net</c>, for example <c>snmp</c> (<c>proc(5)</c>); at most 16 KiB of it. Null when the kernel has none of that name.</summary>
    public string? TryReadProcNet(string name)
    {
        // Not /proc/net, which is the one of the process's first thread.
        string path = "/proc/thread-self/net/" + name;
        byte[] pathBytes = Encoding.UTF8.GetBytes(path + '\0');
        byte[] buffer = new byte[16384];
        (Errno error, int length) = Run(() => ReadFile(pathBytes, buffer));
        return error switch
        {
            Errno.None => Encoding.UTF8.GetString(buffer, 0, length),
            Errno.ENOENT => null,
            _ => throw new LinuxException($"read {path}", error),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _fd.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{Path} (net:[{Id}])";

    internal static string SysctlPath(string name) =>
        "/proc/sys/" + (name.Contains('/', StringComparison.Ordinal) ? name : name.Replace('.', '/'));

    private static unsafe Errno WriteFile(byte[] path, byte[] value)
    {
        fixed (byte* p = path)
        fixed (byte* v = value)
        {
            int fd = Libc.open_bytes(p, Libc.O_WRONLY | Libc.O_CLOEXEC, 0);
            if (fd < 0)
            {
                return LinuxException.LastErrno;
            }

            Errno error = Libc.write_fd(fd, v, (nuint)value.Length) == value.Length ? Errno.None : LinuxException.LastErrno;
            _ = Libc.close(fd);
            return error;
        }
    }

    private static unsafe (Errno Error, int Length) ReadFile(byte[] path, byte[] buffer)
    {
        fixed (byte* p = path)
        fixed (byte* b = buffer)
        {
            int fd = Libc.open_bytes(p, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
            if (fd < 0)
            {
                return (LinuxException.LastErrno, 0);
            }

            nint length = Libc.read_fd(fd, b, (nuint)buffer.Length);
            Errno error = length >= 0 ? Errno.None : LinuxException.LastErrno;
            _ = Libc.close(fd);
            return (error, (int)length);
        }
    }

    private static unsafe void BringLoopbackUp()
    {
        using FileDescriptor socket = Libc.socket(Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0).OrThrow("socket");
        Libc.ifreq_flags request = default;
        "lo"u8.CopyTo(new Span<byte>(request.ifr_name, 16));
        request.ifr_flags = Libc.IFF_UP | Libc.IFF_RUNNING;
        if (Libc.ioctl(socket, Libc.SIOCSIFFLAGS, &request) != 0)
        {
            LinuxException.ThrowLast("bring lo up");
        }
    }

    private static unsafe ulong Inode(FileDescriptor fd, string path)
    {
        Libc.stat_t stat;
        if (Libc.ioctl(fd, Libc.NS_GET_NSTYPE, null) != Libc.CLONE_NEWNET || Libc.fstat(fd, &stat) != 0)
        {
            fd.Dispose();
            throw new LinuxException($"{path} is not a network namespace", Errno.EINVAL);
        }

        return stat.st_ino;
    }

    private static unsafe ulong InodeOfLink(string link)
    {
        // "net:[4026531833]"
        byte* buffer = stackalloc byte[64];
        nint length = Libc.readlink(link, buffer, 64);
        if (length < 0)
        {
            LinuxException.ThrowLast($"readlink {link}");
        }

        var text = new ReadOnlySpan<byte>(buffer, (int)length);
        int open = text.IndexOf((byte)'[');
        return open >= 0 && System.Buffers.Text.Utf8Parser.TryParse(text[(open + 1)..], out ulong inode, out _)
            ? inode
            : throw new LinuxException($"{link} is not a namespace", Errno.EINVAL);
    }
}
