using System.Net;
using System.Net.Sockets;

namespace SwarmNet.Overlay.Mesh;

/// <summary>A port of the host that is, or shall be, ours.</summary>
/// <param name="Protocol">TCP, UDP or <see cref="PublishedPort.Sctp"/>.</param>
/// <param name="Port">The port.</param>
/// <param name="HostIp">The address; null = all.</param>
public readonly record struct GuardedPort(ProtocolType Protocol, ushort Port, IPAddress? HostIp = null)
{
    /// <summary>For example <c>8080/tcp</c> or <c>192.0.2.1:8080/tcp</c>.</summary>
    public override string ToString() =>
        $"{(HostIp is null ? "" : $"{HostIp}:")}{Port}/{Protocol switch { ProtocolType.Udp => "udp", PublishedPort.Sctp => "sctp", _ => "tcp" }}";
}
