using System.Net.Sockets;

namespace SwarmNet.Overlay.Mesh;

/// <summary>Ports that cannot be published; nothing was changed.</summary>
public sealed class PortConflictException : OverlayException
{
    /// <summary>Creates the exception for ports that are asked for twice or that another process has bound.</summary>
    public PortConflictException(string message, IReadOnlyList<(ProtocolType Protocol, ushort Port)> ports)
        : base(message) => Ports = ports;

    /// <summary>The ports at fault.</summary>
    public IReadOnlyList<(ProtocolType Protocol, ushort Port)> Ports { get; }
}
