using System.Net;
using SwarmNet.Linux;

namespace SwarmNet.Overlay.Encryption;

/// <summary>What a <see cref="TunnelEncryption"/> works with.</summary>
public sealed record TunnelEncryptionOptions
{
    /// <summary>This host's tunnel end: source address of the tunnel packets.</summary>
    public required IPAddress LocalVtep { get; init; }

    /// <summary>UDP port of the tunnel packets, the same on all hosts.</summary>
    public ushort Port { get; init; } = 4789;

    /// <summary>The host's namespace, which sends the tunnel packets; null = the one of this process.</summary>
    public NetworkNamespace? HostNamespace { get; init; }
}
