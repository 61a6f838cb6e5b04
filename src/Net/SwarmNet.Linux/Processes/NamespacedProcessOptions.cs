using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

/// <summary>What to start, and in which namespaces.</summary>
public sealed class NamespacedProcessOptions
{
    /// <summary>The program; without a slash it is searched in our PATH. Looked up inside the mount namespace that was entered.</summary>
    public required string FileName { get; init; }

    /// <summary>Arguments after the program's name.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The whole environment; null = ours.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Folder to start in, inside the mount namespace that was entered; null = ours (or / after entering a mount namespace).</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Namespaces to enter, in this order.</summary>
    public IReadOnlyList<NamespaceToEnter> Enter { get; init; } = [];

    /// <summary>New namespaces (<c>Libc.CLONE_NEWNS | CLONE_NEWUTS …</c>), made after <see cref="Enter"/>. A new mount namespace is made private.</summary>
    public int Unshare { get; init; }

    /// <summary>Standard input; null = ours. Owned by the caller, who may close it once the process is started.</summary>
    public SafeHandle? StandardInput { get; init; }

    /// <summary>Standard output; null = ours.</summary>
    public SafeHandle? StandardOutput { get; init; }

    /// <summary>Standard error; null = ours.</summary>
    public SafeHandle? StandardError { get; init; }

    /// <summary>Starts a session of its own (setsid), so that signals of our terminal do not reach it.</summary>
    public bool NewSession { get; init; }

    /// <summary>
    /// Runs inside all the namespaces just before the program is started: raw system calls only, for example mounts
    /// (<c>Libc.umount2("/sys/fs/cgroup/unified", …)</c>) or <c>Libc.sethostname</c>. What it throws is thrown by Start.
    /// </summary>
    public Action? BeforeStart { get; init; }
}
