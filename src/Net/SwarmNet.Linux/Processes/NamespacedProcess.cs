using System.Collections;
using System.Runtime.InteropServices;
using System.Text;

namespace SwarmNet.Linux;

/// <summary>
/// A child process started in other namespaces. A thread made for the purpose enters them, starts the program by posix_spawn(3) and
/// ends; neither the process nor the thread pool ever sees them. The end is awaited and reaped by pidfd.
/// </summary>
public sealed class NamespacedProcess : IDisposable
{
    private readonly PidFd _handle;

    private NamespacedProcess(PidFd handle) => _handle = handle;

    /// <summary>The process number, as our pid namespace counts.</summary>
    public int Pid => _handle.Pid;

    /// <summary>The pidfd, for signals; owned by this object.</summary>
    public PidFd Handle => _handle;

    /// <summary>Starts the program. Throws <see cref="LinuxException"/> with the step that failed.</summary>
    public static async Task<NamespacedProcess> StartAsync(NamespacedProcessOptions options)
    {
        // Everything that is managed work happens here, before the thread enters anything.
        using var arguments = new NativeStrings([options.FileName, .. options.Arguments]);
        using var environment = new NativeStrings(EnvironmentOf(options));
        byte[]? folder = options.WorkingDirectory is null ? null : Encoding.UTF8.GetBytes(options.WorkingDirectory + '\0');
        int pid = 0;
        Exception? failure = null;
        (Task<PidFd> result, Action post) = NamespaceThread.Shared.PrepareHandOver(
            () => failure is null ? PidFd.Open(pid) : throw failure);
        var thread = new Thread(
            () =>
            {
                try
                {
                    EnterAll(options);
                    options.BeforeStart?.Invoke();
                    pid = Spawn(options, arguments, environment, folder);
                }
                catch (Exception e)
                {
                    failure = e;
                }

                post();
            },
            256 * 1024)
        {
            IsBackground = true,
            Name = "spawn",
        };
        thread.Start();
        return new NamespacedProcess(await result);
    }

    /// <summary>Sends a signal; false when it has ended already.</summary>
    public bool SendSignal(int signal) => _handle.SendSignal(signal);

    /// <summary>Completes when it has ended. Cancelling ends this wait, not the process.</summary>
    public Task<ProcessExit> WaitForExitAsync(CancellationToken cancellationToken = default) => _handle.WaitForExitAsync(cancellationToken);

    /// <summary>Lets go of the process, which goes on running.</summary>
    public void Dispose() => _handle.Dispose();

    private static void EnterAll(NamespacedProcessOptions options)
    {
        bool mount = (options.Unshare & Libc.CLONE_NEWNS) != 0;
        for (int i = 0; i < options.Enter.Count; i++)
        {
            mount |= (options.Enter[i].Type & Libc.CLONE_NEWNS) != 0;
        }

        // Threads share root and working folder, and a mount namespace can only be changed by a thread that has its own.
        if (mount && Libc.unshare(Libc.CLONE_FS) != 0)
        {
            LinuxException.ThrowLast("unshare CLONE_FS");
        }

        for (int i = 0; i < options.Enter.Count; i++)
        {
            if (Libc.setns(options.Enter[i].Descriptor, options.Enter[i].Type) != 0)
            {
                LinuxException.ThrowLast($"setns 0x{options.Enter[i].Type:x}");
            }
        }

        if (options.Unshare != 0 && Libc.unshare(options.Unshare) != 0)
        {
            LinuxException.ThrowLast($"unshare 0x{options.Unshare:x}");
        }

        if ((options.Unshare & Libc.CLONE_NEWNS) != 0 && Libc.mount(null, "/", null, Libc.MS_REC | Libc.MS_PRIVATE, null) != 0)
        {
            LinuxException.ThrowLast("make / private");
        }
    }

    private static unsafe int Spawn(NamespacedProcessOptions options, NativeStrings arguments, NativeStrings environment, byte[]? folder)
    {
        void* actions = stackalloc byte[Libc.sizeof_posix_spawn_block];
        void* attributes = stackalloc byte[Libc.sizeof_posix_spawn_block];
        void* signals = stackalloc byte[Libc.sizeof_sigset_t];
        Check(Libc.posix_spawn_file_actions_init(actions), options);
        Check(Libc.posix_spawnattr_init(attributes), options);
        try
        {
            Redirect(actions, options.StandardInput, 0, options);
            Redirect(actions, options.StandardOutput, 1, options);
            Redirect(actions, options.StandardError, 2, options);
            fixed (byte* path = folder)
            {
                if (path is not null)
                {
                    Check(Libc.posix_spawn_file_actions_addchdir_np(actions, path), options);
                }
            }

            // The runtime ignores or handles signals that the program expects at their defaults.
            const short Flags = Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK;
            short flags = options.NewSession ? (short)(Flags | Libc.POSIX_SPAWN_SETSID) : Flags;
            Check(Libc.posix_spawnattr_setflags(attributes, flags), options);
            _ = Libc.sigemptyset(signals);
            Check(Libc.posix_spawnattr_setsigmask(attributes, signals), options);
            _ = Libc.sigfillset(signals);
            Check(Libc.posix_spawnattr_setsigdefault(attributes, signals), options);
            int pid;
            Check(Libc.posix_spawnp(&pid, arguments.Pointer[0], actions, attributes, arguments.Pointer, environment.Pointer), options);
            return pid;
        }
        finally
        {
            _ = Libc.posix_spawnattr_destroy(attributes);
            _ = Libc.posix_spawn_file_actions_destroy(actions);
            GC.KeepAlive(options);
        }
    }

    private static unsafe void Redirect(void* actions, SafeHandle? handle, int target, NamespacedProcessOptions options)
    {
        if (handle is not null)
        {
            ObjectDisposedException.ThrowIf(handle.IsClosed, handle);
            Check(Libc.posix_spawn_file_actions_adddup2(actions, (int)handle.DangerousGetHandle(), target), options);
        }
    }

    // These calls return the error number.
    private static void Check(int error, NamespacedProcessOptions options)
    {
        if (error != 0)
        {
            throw new LinuxException($"start {options.FileName}", (Errno)error);
        }
    }

    private static List<string> EnvironmentOf(NamespacedProcessOptions options)
    {
        var environment = new List<string>();
        if (options.Environment is not null)
        {
            environment.AddRange(options.Environment.Select(static pair => $"{pair.Key}={pair.Value}"));
        }
        else
        {
            foreach (DictionaryEntry pair in Environment.GetEnvironmentVariables())
            {
                environment.Add($"{pair.Key}={pair.Value}");
            }
        }

        return environment;
    }
}
