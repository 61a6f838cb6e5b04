using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>A container of this node.</summary>
public sealed record ContainerInfo
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Name without a slash: the task's display name.</summary>
    public required string Name { get; init; }

    /// <summary>The image as the service names it.</summary>
    public required string Image { get; init; }

    /// <summary>The image's id, <c>sha256:…</c>.</summary>
    public string ImageId { get; init; } = "";

    /// <summary>The process's arguments, the program first.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Where it is in its life.</summary>
    public ContainerState State { get; init; }

    /// <summary>Process id on the node; 0 when it does not run.</summary>
    public int Pid { get; init; }

    /// <summary>Exit code; meaningful once exited.</summary>
    public int ExitCode { get; init; }

    /// <summary>Why it did not start, else empty.</summary>
    public string Error { get; init; } = "";

    /// <summary>When it was started; null before.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary><c>starting</c>, <c>healthy</c> or <c>unhealthy</c>; empty without a health check.</summary>
    public string Health { get; init; } = "";

    /// <summary>Labels, the swarm's among them.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Its environment, <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Host name inside.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>Working folder.</summary>
    public string WorkingFolder { get; init; } = "";

    /// <summary>User that it runs as.</summary>
    public string User { get; init; } = "";

    /// <summary>True when it has a terminal: its output is one raw stream.</summary>
    public bool HasTerminal { get; init; }

    /// <summary>Where its output is kept; may be empty.</summary>
    public string LogPath { get; init; } = "";

    /// <summary>Bytes of memory it may use; 0 for no limit.</summary>
    public long MemoryLimitBytes { get; init; }

    /// <summary>Processors in billionths; 0 for no limit.</summary>
    public long NanoCpus { get; init; }

    /// <summary>Host-mode ports that are bound.</summary>
    public IReadOnlyList<PortConfig> Ports { get; init; } = [];

    /// <summary>Cluster networks it is attached to.</summary>
    public IReadOnlyList<NetworkAttachment> Networks { get; init; } = [];

    /// <summary>Mounts of its specification.</summary>
    public IReadOnlyList<Mount> Mounts { get; init; } = [];
}
