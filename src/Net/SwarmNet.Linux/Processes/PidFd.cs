namespace SwarmNet.Linux;

/// <summary>
/// A process held by a pidfd: signals cannot hit another process that got the same number later, and its end can be awaited whether
/// or not it is our child (Linux 5.4). Thread-safe.
/// </summary>
public sealed class PidFd : IDisposable
{
    private readonly FileDescriptor _fd;
    private readonly Lazy<Task<ProcessExit>> _exit;

    private PidFd(int pid, FileDescriptor fd)
    {
        Pid = pid;
        _fd = fd;
        _exit = new Lazy<Task<ProcessExit>>(() => ProcessWatcher.Shared.WaitAsync(_fd));
    }

    /// <summary>The process number, as the caller's pid namespace counts.</summary>
    public int Pid { get; }

    /// <summary>The descriptor, owned by this object.</summary>
    public FileDescriptor Descriptor => _fd;

    /// <summary>Opens the process; throws <see cref="LinuxException"/> with ESRCH when there is none.</summary>
    public static PidFd Open(int pid) => new(pid, Libc.pidfd_open(pid, 0).OrThrow($"pidfd_open {pid}"));

    /// <summary>As <see cref="Open"/>; null when there is no such process.</summary>
    public static PidFd? TryOpen(int pid)
    {
        FileDescriptor fd = Libc.pidfd_open(pid, 0);
        return fd.IsInvalid && LinuxException.LastErrno is Errno.ESRCH or Errno.EINVAL ? null : new PidFd(pid, fd.OrThrow($"pidfd_open {pid}"));
    }

    /// <summary>Sends a signal (<c>Libc.SIGTERM</c> …; 0 only probes); false when the process has ended already.</summary>
    public bool SendSignal(int signal)
    {
        if (Libc.pidfd_send_signal(_fd, signal) == 0)
        {
            return true;
        }

        return LinuxException.LastErrno == Errno.ESRCH
            ? false
            : throw new LinuxException($"send signal {signal} to process {Pid}", LinuxException.LastErrno);
    }

    /// <summary>
    /// Completes when the process has ended. A child (also one adopted by PR_SET_CHILD_SUBREAPER) is reaped by the first call, and its
    /// status is in the result; of other processes only the end is known. Cancelling ends this wait, not the process.
    /// </summary>
    public Task<ProcessExit> WaitForExitAsync(CancellationToken cancellationToken = default) => _exit.Value.WaitAsync(cancellationToken);

    /// <summary>Lets go of the process; a wait that was begun still completes.</summary>
    public void Dispose() => _fd.Dispose();
}
