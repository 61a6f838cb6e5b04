using System.Diagnostics;
using SwarmNet.Agent.Tasks;

namespace SwarmNet.Agent.Executor;

/// <summary>The OCI runtime's program, and short commands to it.</summary>
internal sealed class OciRuntime
{
    // The runtime needs a mount namespace without /sys/fs/cgroup/unified on hybrid hosts: crun refuses to work beside it.
    private const string Wrapper = "if [ -d /sys/fs/cgroup/memory ] && [ -e /sys/fs/cgroup/unified/cgroup.procs ]; then umount -l /sys/fs/cgroup/unified; fi; exec \"$@\"";

    private OciRuntime(string path, string root)
    {
        Path = path;
        Root = root;
        IsCrun = System.IO.Path.GetFileName(path).StartsWith("crun", StringComparison.Ordinal);
    }

    /// <summary>Full path of the program.</summary>
    public string Path { get; }

    /// <summary>The folder of its own state.</summary>
    public string Root { get; }

    public bool IsCrun { get; }

    /// <summary>Finds the runtime.</summary>
    /// <exception cref="TaskException">There is none, or a tool it is started with is missing.</exception>
    public static OciRuntime Find(OciExecutorOptions options)
    {
        foreach (var (tool, package) in new[] { ("setsid", "util-linux"), ("unshare", "util-linux"), ("mount", "mount"), ("umount", "mount") })
        {
            _ = FindOnPath(tool) ?? throw new TaskException($"containers need the program {tool}, which is not on PATH: install the Debian package {package}");
        }

        var path = options.RuntimePath ?? FindOnPath("crun") ?? FindOnPath("runc")
            ?? throw new TaskException("no container runtime: neither crun nor runc is on PATH; install the Debian package crun (or runc)");
        return new OciRuntime(path, RootFolder(options));
    }

    /// <summary>Where the runtime keeps its own state of containers.</summary>
    public static string RootFolder(OciExecutorOptions options) => System.IO.Path.Combine(options.RunFolder, "runtime");

    /// <summary>The program's full path; null when it is not on PATH.</summary>
    public static string? FindOnPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Starts a command of the runtime with its standard streams piped.</summary>
    public Process Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("unshare") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in (string[])["-m", "--propagation", "slave", "/bin/sh", "-c", Wrapper, "runtime", Path, "--root", Root, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs a command of the runtime to its end: exit code and what it wrote, at most 4 KiB of it.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Start(arguments);
        process.StandardInput.Close();
        try
        {
            var output = ReadAsync(process.StandardOutput, cancellationToken);
            var error = ReadAsync(process.StandardError, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var kept = new char[4096];
        var count = 0;
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer, cancellationToken) is var n and > 0)
        {
            var take = Math.Min(n, kept.Length - count);
            buffer.AsSpan(0, take).CopyTo(kept.AsSpan(count));
            count += take;
        }

        return new string(kept, 0, count);
    }
}
