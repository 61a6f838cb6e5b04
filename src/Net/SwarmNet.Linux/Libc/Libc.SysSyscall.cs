using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

#pragma warning disable CS1591, CA2101 // names and meaning are those of the header

// sys/syscall.h: calls that libc 2.31 has no wrapper for; both numbers are the same on all architectures
public static unsafe partial class Libc
{
    public const nint SYS_pidfd_send_signal = 424;
    public const nint SYS_pidfd_open = 434;

    public static FileDescriptor pidfd_open(int pid, uint flags) => new((int)syscall3(SYS_pidfd_open, pid, (nint)flags, 0));

    public static int pidfd_send_signal(SafeHandle pidfd, int sig)
    {
        bool added = false;
        try
        {
            pidfd.DangerousAddRef(ref added);
            return (int)syscall4(SYS_pidfd_send_signal, pidfd.DangerousGetHandle(), sig, 0, 0);
        }
        finally
        {
            if (added)
            {
                pidfd.DangerousRelease();
            }
        }
    }

    // syscall(2) is variadic; on x86-64 and Linux arm64 integer arguments are passed alike in both conventions.
    [LibraryImport(libc, SetLastError = true, EntryPoint = "syscall")]
    private static partial nint syscall3(nint number, nint arg1, nint arg2, nint arg3);

    [LibraryImport(libc, SetLastError = true, EntryPoint = "syscall")]
    private static partial nint syscall4(nint number, nint arg1, nint arg2, nint arg3, nint arg4);
}
