using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

#pragma warning disable CS1591, CA2101 // names and meaning are those of the header

// sys/wait.h, signal.h
public static unsafe partial class Libc
{
    public const int WNOHANG = 1;
    public const int WEXITED = 4;
    public const int WNOWAIT = 0x01000000;
    public const int __WALL = 0x40000000;
    public const int P_ALL = 0;
    public const int P_PID = 1;
    public const int P_PIDFD = 3;
    public const int CLD_EXITED = 1;
    public const int CLD_KILLED = 2;
    public const int CLD_DUMPED = 3;
    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGQUIT = 3;
    public const int SIGKILL = 9;
    public const int SIGUSR1 = 10;
    public const int SIGUSR2 = 12;
    public const int SIGPIPE = 13;
    public const int SIGTERM = 15;
    public const int SIGCHLD = 17;
    public const int SIGCONT = 18;
    public const int SIGSTOP = 19;

    [LibraryImport(libc, SetLastError = true)]
    public static partial int kill(int pid, int sig);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int waitid(int idtype, int id, siginfo_t* infop, int options);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int waitpid(int pid, int* wstatus, int options);

    /// <summary>The part of <c>siginfo_t</c> that waitid(2) fills.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct siginfo_t
    {
        [FieldOffset(0)]
        public int si_signo;

        [FieldOffset(4)]
        public int si_errno;

        [FieldOffset(8)]
        public int si_code;

        [FieldOffset(16)]
        public int si_pid;

        [FieldOffset(20)]
        public uint si_uid;

        [FieldOffset(24)]
        public int si_status;
    }
}
