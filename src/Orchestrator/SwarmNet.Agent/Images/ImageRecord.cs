namespace SwarmNet.Agent.Images;

/// <summary>An image of this node.</summary>
/// <param name="Id"><c>sha256:</c> and 64 hexadecimal digits: the digest of <paramref name="ConfigJson"/>.</param>
/// <param name="RepoTags">Names, as <c>repository:tag</c>.</param>
/// <param name="RepoDigests">Names by content, as <c>repository@sha256:…</c>; only pulled images have them.</param>
/// <param name="SizeBytes">Bytes of the files in all layers.</param>
/// <param name="Config">The configuration document.</param>
/// <param name="ConfigJson">The same, as it was.</param>
public sealed record ImageRecord(
    string Id,
    IReadOnlyList<string> RepoTags,
    IReadOnlyList<string> RepoDigests,
    long SizeBytes,
    ImageConfigFile Config,
    ReadOnlyMemory<byte> ConfigJson);

/// <summary>One line of what <c>load</c> answers.</summary>
/// <param name="Id">The image.</param>
/// <param name="Reference">The name it got; null when the archive gave none.</param>
public sealed record LoadedImage(string Id, string? Reference);

/// <summary>What a removal did: one of the two is set.</summary>
/// <param name="Untagged">A name that was taken off.</param>
/// <param name="Deleted">An image or layer digest that was deleted.</param>
public sealed record RemovedImage(string? Untagged, string? Deleted);
