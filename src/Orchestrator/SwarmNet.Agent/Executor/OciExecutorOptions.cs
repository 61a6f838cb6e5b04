namespace SwarmNet.Agent.Executor;

/// <summary>Where and how containers run. Everything of one daemon lies under its own folders and cgroup parent.</summary>
public sealed record OciExecutorOptions
{
    /// <summary>Durable state: <c>containers/</c> and <c>volumes/</c> are made here.</summary>
    public required string StateFolder { get; init; }

    /// <summary>State of this boot: the runtime's own and secrets. Where it is no tmpfs, one is mounted for the secrets.</summary>
    public required string RunFolder { get; init; }

    /// <summary>Parent cgroup of all containers, relative to the root of the hierarchy.</summary>
    public string CgroupParent { get; init; } = "swarmnet";

    /// <summary>Name of this node; the machine's when null.</summary>
    public string? Hostname { get; init; }

    /// <summary>Path of <c>crun</c> or <c>runc</c>; the first found on PATH, crun before runc, when null.</summary>
    public string? RuntimePath { get; init; }

    /// <summary>Between leaving service discovery and the stop signal, for tasks that have networks. Docker waits 2 s.</summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Grace period of tasks that give none.</summary>
    public TimeSpan DefaultStopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of one log file before the next begins, where the task's log options give no <c>max-size</c>.</summary>
    public long LogFileBytes { get; init; } = 10 << 20;

    /// <summary>Log files kept per container, where the task's log options give no <c>max-file</c>.</summary>
    public int LogFiles { get; init; } = 3;
}
