using System.Collections.Concurrent;

namespace SwarmNet.Linux;

/// <summary>One thread that waits for the end of any number of processes, by their pidfds.</summary>
#pragma warning disable CA1001 // lives as long as the process
internal sealed class ProcessWatcher
{
    private static readonly Lazy<ProcessWatcher> _shared = new(() => new ProcessWatcher());

    private readonly Epoll _epoll = new();
    private readonly ConcurrentDictionary<ulong, Watch> _watches = new();
    private ulong _lastKey;

    private ProcessWatcher() => new Thread(Loop, 256 * 1024) { IsBackground = true, Name = "pidfd" }.Start();

    internal static ProcessWatcher Shared => _shared.Value;

    /// <summary>Completes when the process has ended; a child is reaped by that. The descriptor stays open until then.</summary>
    internal Task<ProcessExit> WaitAsync(FileDescriptor pidfd)
    {
        bool added = false;
        pidfd.DangerousAddRef(ref added);
        ulong key = Interlocked.Increment(ref _lastKey);
        var watch = new Watch(pidfd);
        _watches[key] = watch;
        try
        {
            _epoll.Add(pidfd, Libc.EPOLLIN, key);
        }
        catch
        {
            _watches.TryRemove(key, out _);
            pidfd.DangerousRelease();
            throw;
        }

        return watch.Exit.Task;
    }

    private void Loop()
    {
        Span<ulong> keys = stackalloc ulong[64];
        while (true)
        {
            int count = _epoll.Wait(keys, -1);
            for (int i = 0; i < count; i++)
            {
                if (_watches.TryRemove(keys[i], out Watch? watch))
                {
                    _epoll.Remove(watch.Pidfd);
                    ProcessExit exit = Reap(watch.Pidfd);
                    watch.Pidfd.DangerousRelease();
                    watch.Exit.SetResult(exit);
                }
            }
        }
    }

    private static unsafe ProcessExit Reap(FileDescriptor pidfd)
    {
        Libc.siginfo_t info = default;
        while (Libc.waitid(Libc.P_PIDFD, pidfd.Number, &info, Libc.WEXITED | Libc.WNOHANG) != 0)
        {
            if (LinuxException.LastErrno != Errno.EINTR)
            {
                return default; // ECHILD: not our child, or reaped by somebody else
            }
        }

        return info.si_pid == 0
            ? default
            : info.si_code == Libc.CLD_EXITED ? new ProcessExit(true, info.si_status, 0) : new ProcessExit(true, 0, info.si_status);
    }

    private sealed class Watch(FileDescriptor pidfd)
    {
        internal FileDescriptor Pidfd => pidfd;

        internal TaskCompletionSource<ProcessExit> Exit { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
