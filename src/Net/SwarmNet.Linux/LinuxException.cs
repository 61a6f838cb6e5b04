using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

/// <summary>A system call that failed: what was tried and the kernel's error number.</summary>
public sealed class LinuxException : IOException
{
    /// <summary>Creates the exception for <paramref name="operation"/>, for example <c>setns /run/netns/a</c>.</summary>
    public LinuxException(string operation, Errno errno)
        : base(Describe(operation, errno), (int)errno)
    {
        Operation = operation;
        Errno = errno;
    }

    /// <summary>The call and its object, for example <c>mount tmpfs on /tmp/x</c>.</summary>
    public string Operation { get; }

    /// <summary>The kernel's error number.</summary>
    public Errno Errno { get; }

    /// <summary>The error number that the last binding of <see cref="Libc"/> left on this thread.</summary>
    public static Errno LastErrno => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Throws for the error number of the last failed call on this thread.</summary>
    [DoesNotReturn]
    public static void ThrowLast(string operation) => throw new LinuxException(operation, LastErrno);

    private static string Describe(string operation, Errno errno)
    {
        string name = Enum.IsDefined(errno) ? errno.ToString() : $"errno {(int)errno}";
        return $"{operation}: {Marshal.GetPInvokeErrorMessage((int)errno)} ({name}).";
    }
}
