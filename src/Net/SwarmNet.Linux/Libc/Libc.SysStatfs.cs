using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

#pragma warning disable CS1591, CA2101 // names and meaning are those of the header

// sys/vfs.h
public static unsafe partial class Libc
{
    public const long CGROUP2_SUPER_MAGIC = 0x63677270;
    public const long CGROUP_SUPER_MAGIC = 0x27e0eb;
    public const long NSFS_MAGIC = 0x6e736673;
    public const long TMPFS_MAGIC = 0x01021994;
    public const long OVERLAYFS_SUPER_MAGIC = 0x794c7630;

    [LibraryImport(libc, SetLastError = true, EntryPoint = "statfs", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statfs(string path, statfs_t* buf);

    /// <summary><c>struct statfs</c>; the suffix keeps it apart from the call.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct statfs_t
    {
        public long f_type;
        public long f_bsize;
        public ulong f_blocks;
        public ulong f_bfree;
        public ulong f_bavail;
        public ulong f_files;
        public ulong f_ffree;
        public int f_fsid0;
        public int f_fsid1;
        public long f_namelen;
        public long f_frsize;
        public long f_flags;
        public fixed long f_spare[4];
    }
}
