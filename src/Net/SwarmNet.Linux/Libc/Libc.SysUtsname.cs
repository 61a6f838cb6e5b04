using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

#pragma warning disable CS1591, CA2101 // names and meaning are those of the header

// sys/utsname.h
public static unsafe partial class Libc
{
    [LibraryImport(libc, SetLastError = true)]
    public static partial int uname(utsname* buf);

    [StructLayout(LayoutKind.Sequential)]
    public struct utsname
    {
        public fixed byte sysname[65];
        public fixed byte nodename[65];
        public fixed byte release[65];
        public fixed byte version[65];
        public fixed byte machine[65];
        public fixed byte domainname[65];
    }
}
