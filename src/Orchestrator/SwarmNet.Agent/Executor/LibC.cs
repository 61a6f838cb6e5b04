using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SwarmNet.Linux;

namespace SwarmNet.Agent.Executor;

/// <summary>
/// The system calls that container files and processes need and the framework lacks. No logic but errno to exception. Calls that only
/// unpacking images needs are bound here, all others by <see cref="Libc"/>.
/// </summary>
internal static unsafe partial class LibC
{
    public const int SIGKILL = 9;
    public const int SIGTERM = 15;
    public const uint S_IFMT = 0xF000;
    public const uint S_IFDIR = 0x4000;
    public const uint S_IFLNK = 0xA000;
    public const uint S_IFIFO = 0x1000;
    public const uint S_IFCHR = 0x2000;
    public const uint S_IFBLK = 0x6000;

    private const int AT_SYMLINK_NOFOLLOW = 0x100;

    /// <summary>A folder opened to flush its entries.</summary>
    public static FileDescriptor OpenFolder(string path)
    {
        var folder = Libc.open(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        return folder.IsInvalid ? throw Error("open", path) : folder;
    }

    public static void Flush(FileDescriptor folder) => Check(Libc.fsync(folder), "fsync", "folder");

    /// <summary>Frees the disk blocks of <paramref name="length"/> bytes; the file keeps its size. Not all file systems can.</summary>
    public static bool TryPunchHole(SafeFileHandle file, long offset, long length) =>
        Libc.fallocate(file, Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_KEEP_SIZE, offset, length) == 0;

    public static void MakeNode(string path, uint typeAndMode, ulong device) => Check(Libc.mknod(path, typeAndMode, device), "mknod", path);

    public static ulong Device(uint major, uint minor) =>
        (minor & 0xff) | ((major & 0xfff) << 8) | ((ulong)(minor & ~0xffu) << 12) | ((ulong)(major & ~0xfffu) << 32);

    public static void ChangeOwner(string path, int uid, int gid) => Check(lchown(path, (uint)uid, (uint)gid), "lchown", path);

    public static void ChangeMode(string path, uint mode) => Check(Libc.chmod(path, mode), "chmod", path);

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
        Check(utimensat(Libc.AT_FDCWD, path, [value, value], AT_SYMLINK_NOFOLLOW), "utimensat", path);
    }

    public static void MountTmpfs(string path, string options) =>
        Check(Libc.mount("tmpfs", path, "tmpfs", Libc.MS_NOSUID | Libc.MS_NODEV | Libc.MS_NOEXEC, options), "mount", path);

    /// <summary>Unmounts lazily; nothing when nothing is mounted there.</summary>
    public static void Unmount(string path) => _ = Libc.umount2(path, Libc.MNT_DETACH);

    /// <summary>A descriptor of the process, readable once it has ended; null when there is no such process.</summary>
    public static SafeFileHandle? OpenProcess(int pid)
    {
        using var process = Libc.pidfd_open(pid, 0);
        return !process.IsInvalid ? new SafeFileHandle(process.Release(), ownsHandle: true)
            : LinuxException.LastErrno == Errno.ESRCH ? null : throw Error("pidfd_open", pid.ToString());
    }

    /// <summary>Signals the process of the descriptor; false when it has ended.</summary>
    public static bool Signal(SafeFileHandle process, int signal)
    {
        if (Libc.pidfd_send_signal(process, signal) == 0)
        {
            return true;
        }

        return LinuxException.LastErrno == Errno.ESRCH ? false : throw Error("pidfd_send_signal", signal.ToString());
    }

    /// <summary>File type and mode bits, and the device of a special file; null when nothing is there. Links are not followed.</summary>
    public static (uint Mode, uint Major, uint Minor)? Stat(string path)
    {
        Span<byte> stat = stackalloc byte[256];
        return statx(Libc.AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, stat) != 0 ? null
            : (BitConverter.ToUInt16(stat[28..]), BitConverter.ToUInt32(stat[128..]), BitConverter.ToUInt32(stat[132..]));
    }

    public static void MakeFifo(string path) => MakeNode(path, S_IFIFO | 0x180, 0); // 0600

    /// <summary>Whether the path lies on a tmpfs.</summary>
    public static bool IsTmpfs(string path)
    {
        Libc.statfs_t stat;
        return Libc.statfs(path, &stat) == 0 ? stat.f_type == Libc.TMPFS_MAGIC : throw Error("statfs", path);
    }

    public static IOException Error(string call, string subject)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new IOException($"{call} {subject}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
    }

    private const uint STATX_BASIC_STATS = 0x7ff;

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
    private static partial int lchown(string path, uint uid, uint gid);

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
    private static partial int statx(int folder, string path, int flags, uint mask, Span<byte> stat);

#pragma warning restore SYSLIB1054, CA5392
}
