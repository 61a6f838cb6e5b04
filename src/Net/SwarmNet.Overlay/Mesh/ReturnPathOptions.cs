using System.Net;
using SwarmNet.Linux;

namespace SwarmNet.Overlay.Mesh;

/// <summary>Where a <see cref="ReturnPath"/> is.</summary>
public sealed record ReturnPathOptions
{
    /// <summary>The server's namespace; need not stay open.</summary>
    public required NetworkNamespace Namespace { get; init; }

    /// <summary>Its interface on the ingress overlay.</summary>
    public required string InterfaceName { get; init; }

    /// <summary>The interface's address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The ingress overlay's subnet, in which the entry hosts have their addresses.</summary>
    public required IPv4Prefix Subnet { get; init; }

    /// <summary>
    /// The ports that it serves. Entry hosts of another engine, which show their own address, send to the published port rather than to the server's: these are
    /// redirected. A published port that is at the same time another's target is left alone.
    /// </summary>
    public IReadOnlyList<ServedPort> Ports { get; init; } = [];

    /// <summary>Null = the egress hook, or routing rules where the kernel has none.</summary>
    public ReturnPathMode? Mode { get; init; }
}
