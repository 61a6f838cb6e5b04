using System.Text.Json;
using System.Text.Json.Serialization;

namespace SwarmNet.Agent.Images;

/// <summary>An image's configuration document (OCI image-spec <c>config.md</c>); its SHA-256 is the image's id.</summary>
public sealed record ImageConfigFile
{
    /// <summary>CPU in Go's spelling, for example <c>amd64</c>.</summary>
    [JsonPropertyName("architecture")]
    public string Architecture { get; init; } = "";

    /// <summary>Operating system, <c>linux</c>.</summary>
    [JsonPropertyName("os")]
    public string Os { get; init; } = "";

    /// <summary>When the image was made.</summary>
    [JsonPropertyName("created")]
    public DateTimeOffset? Created { get; init; }

    /// <summary>Who made it.</summary>
    [JsonPropertyName("author")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Author { get; init; }

    /// <summary>Defaults for containers.</summary>
    [JsonPropertyName("config")]
    public ImageConfig? Config { get; init; }

    /// <summary>The layers' uncompressed digests, lowest first.</summary>
    [JsonPropertyName("rootfs")]
    public ImageRootFs RootFs { get; init; } = new();

    /// <summary>How the layers came about; passed through.</summary>
    [JsonPropertyName("history")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<JsonElement>? History { get; init; }
}

/// <summary>The layers of an image.</summary>
public sealed record ImageRootFs
{
    /// <summary>Always <c>layers</c>.</summary>
    [JsonPropertyName("type")]
    public string Type { get; init; } = "layers";

    /// <summary>Digests of the uncompressed layer archives, lowest first.</summary>
    [JsonPropertyName("diff_ids")]
    public IReadOnlyList<string> DiffIds { get; init; } = [];
}

/// <summary>What a container of the image runs unless its own specification says otherwise.</summary>
public sealed record ImageConfig
{
    /// <summary><c>user</c>, <c>user:group</c>, by name or number; root when empty.</summary>
    public string? User { get; init; }

    /// <summary>Keys are <c>port/protocol</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement>? ExposedPorts { get; init; }

    /// <summary>Entries <c>NAME=value</c>.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>First part of the command line.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Second part of the command line.</summary>
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>Keys are paths that get anonymous volumes.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Volumes { get; init; }

    /// <summary>Working folder.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Signal that asks the process to end; SIGTERM when empty.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Health check.</summary>
    public ImageHealthcheck? Healthcheck { get; init; }
}

/// <summary>A health check as an image carries it; durations in nanoseconds.</summary>
public sealed record ImageHealthcheck
{
    /// <summary><c>NONE</c>, <c>CMD …</c> or <c>CMD-SHELL …</c>.</summary>
    public IReadOnlyList<string>? Test { get; init; }

    /// <summary>Between checks.</summary>
    public long Interval { get; init; }

    /// <summary>Of one check.</summary>
    public long Timeout { get; init; }

    /// <summary>During which failures do not count.</summary>
    public long StartPeriod { get; init; }

    /// <summary>Between checks in the start period.</summary>
    public long StartInterval { get; init; }

    /// <summary>Failures in a row that make it unhealthy.</summary>
    public int Retries { get; init; }
}
