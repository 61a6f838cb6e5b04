using SwarmNet.Protocol;

namespace SwarmNet.Agent.Executor;

/// <summary>A container of this node as the Engine API shows it: a snapshot.</summary>
public sealed record ContainerRecord
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Name without a slash: the task's display name.</summary>
    public required string Name { get; init; }

    /// <summary>The task it belongs to; never changed in place.</summary>
    public required SwarmTask Task { get; init; }

    /// <summary>The image as the service names it.</summary>
    public required string Image { get; init; }

    /// <summary>The image's id, <c>sha256:…</c>.</summary>
    public required string ImageId { get; init; }

    /// <summary>The process's arguments, the program first.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Its environment, <c>NAME=value</c>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>Host name inside.</summary>
    public required string Hostname { get; init; }

    /// <summary>Working folder.</summary>
    public required string WorkingFolder { get; init; }

    /// <summary>The user as named by the service or image.</summary>
    public required string User { get; init; }

    /// <summary>Labels, the swarm's among them.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was started; null before.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required ContainerState State { get; init; }

    /// <summary>Process id on the node; 0 when it does not run.</summary>
    public int Pid { get; init; }

    /// <summary>Exit code; meaningful once exited.</summary>
    public int ExitCode { get; init; }

    /// <summary>Why it did not start, else empty.</summary>
    public string Error { get; init; } = "";

    /// <summary><c>starting</c>, <c>healthy</c> or <c>unhealthy</c>; empty without a health check.</summary>
    public string Health { get; init; } = "";

    /// <summary>Host-mode ports that are bound.</summary>
    public IReadOnlyList<PortConfig> Ports { get; init; } = [];

    /// <summary>Folder of its log files; empty when its log driver keeps none.</summary>
    public string LogFolder { get; init; } = "";
}
