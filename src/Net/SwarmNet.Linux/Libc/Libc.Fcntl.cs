using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

#pragma warning disable CS1591, CA2101 // names and meaning are those of the header

// fcntl.h, linux/falloc.h, sys/file.h
public static unsafe partial class Libc
{
    public const int AT_FDCWD = -100;
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_TRUNC = 0x200;
    public const int O_APPEND = 0x400;
    public const int O_NONBLOCK = 0x800;
    public const int O_DSYNC = 0x1000;
    public const int O_CLOEXEC = 0x80000;
    public const int O_PATH = 0x200000;
    public const int FALLOC_FL_KEEP_SIZE = 1;
    public const int FALLOC_FL_PUNCH_HOLE = 2;
    public const int LOCK_SH = 1;
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;
    public const int LOCK_UN = 8;

    // These three differ between x86-64 and arm64.
    public static int O_DIRECTORY => IsArm64 ? 0x4000 : 0x10000;

    public static int O_NOFOLLOW => IsArm64 ? 0x8000 : 0x20000;

    public static int O_DIRECT => IsArm64 ? 0x10000 : 0x4000;

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial FileDescriptor open(string path, int flags, uint mode);

    [LibraryImport(libc, SetLastError = true, EntryPoint = "open")]
    public static partial int open_bytes(byte* path, int flags, uint mode);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial FileDescriptor openat(SafeHandle dirfd, string path, int flags, uint mode);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int fallocate(SafeHandle fd, int mode, long offset, long len);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int flock(SafeHandle fd, int operation);
}
