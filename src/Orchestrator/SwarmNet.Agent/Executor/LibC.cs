using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Agent.Executor;

/// <summary>The system calls that container files and processes need and the framework lacks. No logic but errno to exception.</summary>
internal static partial class LibC
{
    public const int SIGKILL = 9;
    public const int SIGTERM = 15;
    public const int ESRCH = 3;
    public const int ENODATA = 61;
    public const uint S_IFMT = 0xF000;
    public const uint S_IFDIR = 0x4000;
    public const uint S_IFLNK = 0xA000;
    public const uint S_IFIFO = 0x1000;
    public const uint S_IFCHR = 0x2000;
    public const uint S_IFBLK = 0x6000;

    private const int O_RDONLY_DIRECTORY_CLOEXEC = 0x10000 | 0x80000;
    private const int AT_FDCWD = -100;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const int FALLOC_FL_KEEP_SIZE = 1;
    private const int FALLOC_FL_PUNCH_HOLE = 2;

    /// <summary>A folder opened to flush its entries.</summary>
    public static SafeFileHandle OpenFolder(string path)
    {
        var fd = open(path, O_RDONLY_DIRECTORY_CLOEXEC);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw Error("open", path);
    }

    public static void Flush(SafeFileHandle handle)
    {
        if (fsync(handle) != 0)
        {
            throw Error("fsync", "folder");
        }
    }

    /// <summary>Frees the disk blocks of <paramref name="length"/> bytes; the file keeps its size. Not all file systems can.</summary>
    public static bool TryPunchHole(SafeFileHandle file, long offset, long length) =>
        fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) == 0;

    public static void MakeNode(string path, uint typeAndMode, ulong device) => Check(mknod(path, typeAndMode, device), "mknod", path);

    public static ulong Device(uint major, uint minor) =>
        (minor & 0xff) | ((major & 0xfff) << 8) | ((ulong)(minor & ~0xffu) << 12) | ((ulong)(major & ~0xfffu) << 32);

    public static void ChangeOwner(string path, int uid, int gid) => Check(lchown(path, (uint)uid, (uint)gid), "lchown", path);

    public static void ChangeMode(string path, uint mode) => Check(chmod(path, mode), "chmod", path);

    public static void HardLink(string existing, string path) => Check(link(existing, path), "link", path);

    public static void SymbolicLink(string target, string path) => Check(symlink(target, path), "symlink", path);

    public static void SetAttribute(string path, string name, ReadOnlySpan<byte> value) =>
        Check(lsetxattr(path, name, value, (nuint)value.Length, 0), "lsetxattr", path);

    /// <summary>The attribute's value; null when the file has none, or the file system knows none.</summary>
    public static byte[]? Attribute(string path, string name)
    {
        Span<byte> value = stackalloc byte[256];
        var length = lgetxattr(path, name, value, (nuint)value.Length);
        return length < 0 ? null : value[..(int)length].ToArray();
    }

    /// <summary>Sets the time of last change of <paramref name="path"/> itself, links not followed.</summary>
    public static void SetTime(string path, DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
        var value = new Timespec(rest < 0 ? seconds - 1 : seconds, (rest < 0 ? rest + TimeSpan.TicksPerSecond : rest) * 100);
        Check(utimensat(AT_FDCWD, path, [value, value], AT_SYMLINK_NOFOLLOW), "utimensat", path);
    }

    public static void MountTmpfs(string path, string options) =>
        Check(mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options), "mount", path);

    /// <summary>Unmounts lazily; nothing when nothing is mounted there.</summary>
    public static void Unmount(string path) => _ = umount2(path, MNT_DETACH);

    /// <summary>A descriptor of the process, readable once it has ended; null when there is no such process.</summary>
    public static SafeFileHandle? OpenProcess(int pid)
    {
        var fd = pidfd_open(pid, 0);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true)
            : Marshal.GetLastPInvokeError() == ESRCH ? null : throw Error("pidfd_open", pid.ToString());
    }

    /// <summary>Signals the process of the descriptor; false when it has ended.</summary>
    public static bool Signal(SafeFileHandle process, int signal)
    {
        if (pidfd_send_signal(process, signal, 0, 0) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() == ESRCH ? false : throw Error("pidfd_send_signal", signal.ToString());
    }

    /// <summary>File type and mode bits, and the device of a special file; null when nothing is there. Links are not followed.</summary>
    public static (uint Mode, uint Major, uint Minor)? Stat(string path)
    {
        Span<byte> stat = stackalloc byte[256];
        return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, stat) != 0 ? null
            : (BitConverter.ToUInt16(stat[28..]), BitConverter.ToUInt32(stat[128..]), BitConverter.ToUInt32(stat[132..]));
    }

    public static void MakeFifo(string path) => MakeNode(path, S_IFIFO | 0x180, 0); // 0600

    /// <summary>Whether the path lies on a tmpfs.</summary>
    public static bool IsTmpfs(string path)
    {
        Span<byte> stat = stackalloc byte[256];
        return statfs(path, stat) == 0 ? BitConverter.ToInt64(stat) == TMPFS_MAGIC : throw Error("statfs", path);
    }

    public static IOException Error(string call, string subject)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new IOException($"{call} {subject}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
    }

    private const uint STATX_BASIC_STATS = 0x7ff;
    private const long TMPFS_MAGIC = 0x01021994;
    private const nuint MS_NOSUID = 2;
    private const nuint MS_NODEV = 4;
    private const nuint MS_NOEXEC = 8;
    private const int MNT_DETACH = 2;

    private static void Check(int result, string call, string subject)
    {
        if (result != 0)
        {
            throw Error(call, subject);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Timespec(long Seconds, long Nanoseconds);

#pragma warning disable SYSLIB1054, CA5392 // Names are the C library's own.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle fd);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle fd, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mknod(string path, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chmod(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string existing, string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int symlink(string target, string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lsetxattr(string path, string name, ReadOnlySpan<byte> value, nuint size, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint lgetxattr(string path, string name, Span<byte> value, nuint size);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int utimensat(int folder, string path, ReadOnlySpan<Timespec> times, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, Span<byte> stat);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statfs(string path, Span<byte> stat);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pidfd_open(int pid, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pidfd_send_signal(SafeFileHandle pidfd, int signal, nint info, uint flags);
#pragma warning restore SYSLIB1054, CA5392
}
