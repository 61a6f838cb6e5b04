using SwarmNet.Linux;

namespace SwarmNet.Overlay.Mesh;

/// <summary>What a <see cref="RoutingMesh"/> works on.</summary>
public sealed record RoutingMeshOptions
{
    /// <summary>The host's namespace; null = the one of this process.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>The host's interface on the ingress overlay, at most 15 characters; it may appear later.</summary>
    public required string IngressInterface { get; init; }

    /// <summary>
    /// Sources that must not be seen on the ingress overlay because other hosts use the same addresses: the host's gateway subnet. They appear as the
    /// host's address there.
    /// </summary>
    public IReadOnlyList<IPv4Prefix> LocalSources { get; init; } = [];
}
