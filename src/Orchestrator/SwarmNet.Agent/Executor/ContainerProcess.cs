using System.Globalization;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using SwarmNet.Agent.Tasks;

namespace SwarmNet.Agent.Executor;

/// <summary>A started container: its shim and its first process, ours or taken over from a daemon that died.</summary>
internal sealed class ContainerProcess : IDisposable
{
    private const int Killed = 128 + LibC.SIGKILL;
    private static readonly TimeSpan ShimDeadline = TimeSpan.FromSeconds(30);

    private readonly Container _container;
    private readonly EventThread _events;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _hasShim = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IDisposable _watch;
    private SafeFileHandle? _init;

    private ContainerProcess(Container container, EventThread events, Action outputWritten)
    {
        (_container, _events) = (container, events);
        _watch = events.WatchFolder(container.IoFolder, name => Changed(name, outputWritten));
        Ended = Task.Run(WaitForShimAsync);
    }

    /// <summary>The first process's id on this node; 0 until it exists.</summary>
    public int Pid { get; private set; }

    /// <summary>Ends with the container: the exit code, 128 + signal when killed. Cancelled when the daemon ends first.</summary>
    public Task<int> Ended { get; }

    public bool HasEnded => Ended.IsCompleted;

    /// <summary>Starts the shim. <see cref="StartedAsync"/> tells how it went.</summary>
    public static ContainerProcess Start(Container container, OciRuntime runtime, string layersFolder, EventThread events, Action outputWritten)
    {
        var process = new ContainerProcess(container, events, outputWritten);
        try
        {
            ShimScript.Start(container, runtime, layersFolder);
            process.Look();
            return process;
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a container that an earlier daemon started.</summary>
    public static ContainerProcess Adopt(Container container, EventThread events, Action outputWritten)
    {
        var process = new ContainerProcess(container, events, outputWritten);
        process.Look();
        return process;
    }

    /// <summary>The exit code that the shim wrote; null when it has not.</summary>
    public static int? ExitCode(Container container)
    {
        var path = Path.Combine(container.IoFolder, "exit");
        return File.Exists(path) && int.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out var code) ? code : null;
    }

    /// <summary>Why the runtime could not run the process; null when it could.</summary>
    public static string? Failure(Container container)
    {
        var shim = Path.Combine(container.IoFolder, "failure");
        if (File.Exists(shim))
        {
            return File.ReadAllText(shim).Trim();
        }

        var log = Path.Combine(container.IoFolder, "runtime.log");
        if (!File.Exists(log))
        {
            return null;
        }

        foreach (var line in File.ReadLines(log))
        {
            try
            {
                using var json = JsonDocument.Parse(line);
                if (json.RootElement.TryGetProperty("level", out var level) && level.GetString() == "error"
                    && json.RootElement.TryGetProperty("msg", out var message))
                {
                    return message.GetString();
                }
            }
            catch (JsonException)
            {
                return line;
            }
        }

        return null;
    }

    /// <summary>Returns when the first process runs; throws when the runtime could not start it.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(_started.Task, Ended).WaitAsync(cancellationToken);
        if (Ended is { IsFaulted: true, Exception.InnerException: var reason })
        {
            throw new TaskException($"starting container failed: its shim did not come up: {reason?.Message}");
        }

        if (!_started.Task.IsCompleted || (HasEnded && Failure(_container) is not null))
        {
            _ = await Ended.WaitAsync(cancellationToken);
            throw new TaskException($"starting container failed: OCI runtime create failed: {Failure(_container) ?? "the runtime ended without a reason"}");
        }
    }

    /// <summary>Signals the first process; false when it has ended or does not exist yet.</summary>
    public bool Signal(int signal)
    {
        var init = _init;
        return init is not null && !HasEnded && LibC.Signal(init, signal);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _stopping.Cancel();
        _hasShim.TrySetCanceled();
    }

    private static (int Pid, ulong StartTime)? ParseStat(string stat)
    {
        // pid (name) state ppid ... ; the name may hold anything, the 22nd field is the start time.
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && int.TryParse(stat.Split(' ')[0], out var pid) && ulong.TryParse(fields[19], out var start) ? (pid, start) : null;
    }

    private void Changed(string name, Action outputWritten)
    {
        if (name is "stdout" or "stderr")
        {
            outputWritten();
        }
        else if (name is "shim" or "pid" or ".pid")
        {
            Look();
        }
    }

    // Reads what the shim and the runtime have written so far. Small files; called from the event thread, too.
    private void Look()
    {
        try
        {
            if (!_hasShim.Task.IsCompleted && File.Exists(Path.Combine(_container.IoFolder, "shim")))
            {
                _hasShim.TrySetResult();
            }

            lock (_started)
            {
                var path = Path.Combine(_container.IoFolder, "pid");
                if (_init is null && File.Exists(path) && int.TryParse(File.ReadAllText(path), out var pid) && LibC.OpenProcess(pid) is { } init)
                {
                    // The number may belong to somebody else by now: a container's process is in the container's cgroup.
                    if (!IsOurs(pid))
                    {
                        init.Dispose();
                        return;
                    }

                    (_init, Pid) = (init, pid);
                    _started.TrySetResult();
                }
            }
        }
        catch (IOException)
        {
            // Written this very moment, or ended: the next event tells.
        }
    }

    private bool IsOurs(int pid) => File.ReadAllText($"/proc/{pid}/cgroup").Contains(_container.Id, StringComparison.Ordinal);

    private async Task<int> WaitForShimAsync()
    {
        await _hasShim.Task.WaitAsync(ShimDeadline);
        using var shim = OpenShim();
        if (shim is not null)
        {
            await _events.WaitForExitAsync(shim, _stopping.Token);
        }

        // The first process may be too short for its pid to have been seen alive.
        if (File.Exists(Path.Combine(_container.IoFolder, "pid")))
        {
            _started.TrySetResult();
        }

        if (ExitCode(_container) is { } code)
        {
            return code;
        }

        // Somebody killed the shim: nobody waits for the process any more, and its exit code would be lost.
        Look();
        if (_init is { } init && LibC.Signal(init, LibC.SIGKILL))
        {
            await _events.WaitForExitAsync(init, _stopping.Token);
        }

        return Killed;
    }

    private SafeFileHandle? OpenShim()
    {
        var written = ParseStat(File.ReadAllText(Path.Combine(_container.IoFolder, "shim")));
        if (written is not var (pid, startTime) || LibC.OpenProcess(pid) is not { } handle)
        {
            return null;
        }

        try
        {
            if (ParseStat(File.ReadAllText($"/proc/{pid}/stat"))?.StartTime == startTime)
            {
                return handle;
            }
        }
        catch (IOException)
        {
            // Ended between the two looks.
        }

        handle.Dispose();
        return null;
    }
}
