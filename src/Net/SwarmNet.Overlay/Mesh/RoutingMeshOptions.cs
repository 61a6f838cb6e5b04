using SwarmNet.Linux;

namespace SwarmNet.Overlay.Mesh;

/// <summary>What a <see cref="RoutingMesh"/> works on.</summary>
public sealed record RoutingMeshOptions
{
    /// <summary>The host's namespace; null = the one of this process.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>
    /// The host's interface on the ingress overlay, at most 15 characters; it may appear later. Flows that leave by it carry its
    /// address as source, so that backends on other hosts answer to the host that has the flow's translation.
    /// </summary>
    public required string IngressInterface { get; init; }
}
