using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

#pragma warning disable CS1591, CA2101 // names and meaning are those of the header

// sys/stat.h
public static unsafe partial class Libc
{
    public const uint S_IFREG = 0x8000;

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mkdir(string path, uint mode);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chmod(string path, uint mode);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mknod(string path, uint mode, ulong dev);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int fstat(SafeHandle fd, stat_t* buf);

    /// <summary>The members of <c>struct stat</c> that lie alike on x86-64 and arm64; the suffix keeps it apart from the call.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    public struct stat_t
    {
        [FieldOffset(0)]
        public ulong st_dev;

        [FieldOffset(8)]
        public ulong st_ino;
    }
}
