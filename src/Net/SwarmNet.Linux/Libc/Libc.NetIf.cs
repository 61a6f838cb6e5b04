using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

#pragma warning disable CS1591, CA2101 // names and meaning are those of the header

// net/if.h, sys/ioctl.h, bits/ioctls.h
public static unsafe partial class Libc
{
    public const short IFF_UP = 1;
    public const short IFF_RUNNING = 0x40;
    public const nuint SIOCGIFFLAGS = 0x8913;
    public const nuint SIOCSIFFLAGS = 0x8914;

    [LibraryImport(libc, SetLastError = true)]
    public static partial int ioctl(SafeHandle fd, nuint request, void* argument);

    /// <summary><c>struct ifreq</c> with the flags member of its union.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    public struct ifreq_flags
    {
        public fixed byte ifr_name[16];
        public short ifr_flags;
    }
}
