using System.Text.Json;
using System.Text.Json.Serialization;

namespace SwarmNet.Agent.Images;

/// <summary>The JSON documents of images, archives and the store, with serializers made at build time.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImageConfigFile))]
[JsonSerializable(typeof(ArchiveManifest[]))]
[JsonSerializable(typeof(OciIndex))]
[JsonSerializable(typeof(OciManifest))]
[JsonSerializable(typeof(RepositoryFile))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ImageJson : JsonSerializerContext;

/// <summary>An entry of <c>manifest.json</c> in an archive made by <c>docker save</c>.</summary>
internal sealed record ArchiveManifest
{
    public string Config { get; init; } = "";

    public IReadOnlyList<string>? RepoTags { get; init; }

    public IReadOnlyList<string> Layers { get; init; } = [];
}

/// <summary>OCI image index (also Docker's manifest list).</summary>
internal sealed record OciIndex
{
    [JsonPropertyName("manifests")]
    public IReadOnlyList<OciDescriptor> Manifests { get; init; } = [];
}

/// <summary>OCI image manifest (also Docker's, schema 2).</summary>
internal sealed record OciManifest
{
    [JsonPropertyName("mediaType")]
    public string? MediaType { get; init; }

    [JsonPropertyName("config")]
    public OciDescriptor? Config { get; init; }

    [JsonPropertyName("layers")]
    public IReadOnlyList<OciDescriptor>? Layers { get; init; }

    [JsonPropertyName("manifests")]
    public IReadOnlyList<OciDescriptor>? Manifests { get; init; }
}

/// <summary>OCI content descriptor.</summary>
internal sealed record OciDescriptor
{
    [JsonPropertyName("mediaType")]
    public string MediaType { get; init; } = "";

    [JsonPropertyName("digest")]
    public string Digest { get; init; } = "";

    [JsonPropertyName("size")]
    public long Size { get; init; }

    [JsonPropertyName("platform")]
    public OciPlatform? Platform { get; init; }

    [JsonPropertyName("annotations")]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}

/// <summary>Platform of a manifest in an index.</summary>
internal sealed record OciPlatform
{
    [JsonPropertyName("architecture")]
    public string Architecture { get; init; } = "";

    [JsonPropertyName("os")]
    public string Os { get; init; } = "";
}

/// <summary>The store's own file: which names every image has.</summary>
internal sealed record RepositoryFile
{
    public IReadOnlyDictionary<string, RepositoryEntry> Images { get; init; } = new Dictionary<string, RepositoryEntry>();
}

/// <summary>The names of one image.</summary>
internal sealed record RepositoryEntry
{
    public IReadOnlyList<string> RepoTags { get; init; } = [];

    public IReadOnlyList<string> RepoDigests { get; init; } = [];
}
