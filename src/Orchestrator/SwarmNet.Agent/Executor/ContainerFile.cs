using System.Text.Json.Serialization;

namespace SwarmNet.Agent.Executor;

/// <summary>What is stored of a container beside its task: <c>container.json</c> in its folder.</summary>
internal sealed record ContainerFile
{
    public required string Id { get; init; }

    public required string TaskId { get; init; }

    public required string ImageId { get; init; }

    public required DateTimeOffset Created { get; init; }

    public IReadOnlyList<string> Command { get; init; } = [];

    public IReadOnlyList<string> Environment { get; init; } = [];

    public string Hostname { get; init; } = "";

    public string WorkingFolder { get; init; } = "";

    public string User { get; init; } = "";

    /// <summary>Layer folders for overlayfs, highest first, separated by colons.</summary>
    public string Lower { get; init; } = "";

    /// <summary>Path of the network namespace.</summary>
    public string NetworkNamespace { get; init; } = "";

    /// <summary>Paths in the container and volume folders to fill from the image at start, in turns.</summary>
    public IReadOnlyList<string> CopyUps { get; init; } = [];

    /// <summary>Boot in which it was started: process ids of another boot mean nothing.</summary>
    public string BootId { get; init; } = "";

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public int ExitCode { get; init; }

    public string Error { get; init; } = "";
}

/// <summary>A named or anonymous volume: <c>volume.json</c> beside its data.</summary>
internal sealed record VolumeFile
{
    public required DateTimeOffset Created { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The container that takes an anonymous volume with it; empty for a named one.</summary>
    public string ContainerId { get; init; } = "";
}

/// <summary>Serializers made at build time.</summary>
[JsonSerializable(typeof(ContainerFile))]
[JsonSerializable(typeof(VolumeFile))]
[JsonSerializable(typeof(JsonLogLine))]
internal sealed partial class ExecutorJson : JsonSerializerContext;

/// <summary>A line of Docker's json-file log format.</summary>
internal sealed record JsonLogLine
{
    [JsonPropertyName("log")]
    public string Log { get; init; } = "";

    [JsonPropertyName("stream")]
    public string Stream { get; init; } = "";

    [JsonPropertyName("time")]
    public string Time { get; init; } = "";
}
