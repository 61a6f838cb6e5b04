using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

#pragma warning disable CS1591, CA2101 // names and meaning are those of the header

// sched.h, linux/sched.h
public static unsafe partial class Libc
{
    public const int CLONE_FS = 0x00000200;
    public const int CLONE_NEWNS = 0x00020000;
    public const int CLONE_NEWCGROUP = 0x02000000;
    public const int CLONE_NEWUTS = 0x04000000;
    public const int CLONE_NEWIPC = 0x08000000;
    public const int CLONE_NEWUSER = 0x10000000;
    public const int CLONE_NEWPID = 0x20000000;
    public const int CLONE_NEWNET = 0x40000000;

    [LibraryImport(libc, SetLastError = true)]
    public static partial int setns(SafeHandle fd, int nstype);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int unshare(int flags);

    // linux/nsfs.h: the CLONE_NEW* value of a namespace descriptor.
    public const nuint NS_GET_NSTYPE = 0xb703;
}
