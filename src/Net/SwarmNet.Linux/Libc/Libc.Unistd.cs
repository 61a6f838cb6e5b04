using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

#pragma warning disable CS1591, CA2101 // names and meaning are those of the header

// unistd.h, stdio.h (rename)
public static unsafe partial class Libc
{
    [LibraryImport(libc, SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint read(SafeHandle fd, byte* buf, nuint count);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint write(SafeHandle fd, byte* buf, nuint count);

    [LibraryImport(libc, SetLastError = true, EntryPoint = "read")]
    public static partial nint read_fd(int fd, byte* buf, nuint count);

    [LibraryImport(libc, SetLastError = true, EntryPoint = "write")]
    public static partial nint write_fd(int fd, byte* buf, nuint count);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int pipe2(int* fds, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int dup(SafeHandle fd);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int fsync(SafeHandle fd);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int fdatasync(SafeHandle fd);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int ftruncate(SafeHandle fd, long length);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int unlink(string path);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rmdir(string path);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rename(string oldpath, string newpath);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chdir(string path);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chroot(string path);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint readlink(string path, byte* buf, nuint size);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int sethostname(byte* name, nuint len);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int gethostname(byte* name, nuint len);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int getpid();

    [LibraryImport(libc, SetLastError = true)]
    public static partial int gettid();

    [LibraryImport(libc, SetLastError = true)]
    public static partial uint geteuid();

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chown(string path, uint owner, uint group);
}
