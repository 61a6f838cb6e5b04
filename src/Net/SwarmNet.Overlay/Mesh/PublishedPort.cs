using System.Net;
using System.Net.Sockets;
using SwarmNet.Overlay.Balancing;

namespace SwarmNet.Overlay.Mesh;

/// <summary>A port of the host, or a range of ports, that is forwarded to backends.</summary>
/// <param name="Protocol"><see cref="ProtocolType.Tcp"/>, <see cref="ProtocolType.Udp"/> or <see cref="Sctp"/>.</param>
/// <param name="Port">The published port, 1 to 65,535; of a range the first.</param>
/// <param name="Backends">
/// Servers, which take turns; when there is none with a weight, clients are refused at once. They see the client's address, save for
/// what <see cref="RoutingMesh"/> says.
/// </param>
public sealed record PublishedPort(ProtocolType Protocol, ushort Port, IReadOnlyList<PortBackend> Backends)
{
    /// <summary>SCTP (RFC 9260), IP protocol number 132, which the framework has no name for.</summary>
    public const ProtocolType Sctp = (ProtocolType)132;

    /// <summary>
    /// Last port of a range. A range whose ports stay the same (the backends' target port is <see cref="Port"/>) and that is published on every address costs as much as
    /// one port; any other as much as its ports.
    /// </summary>
    public ushort LastPort { get; init; } = Port;

    /// <summary>The one address of the host on which it is published; null = on every one, loopback included.</summary>
    public IPAddress? HostIp { get; init; }

    /// <summary>Null = new flows take turns, whoever asks.</summary>
    public ClientAffinity? Affinity { get; init; }

    /// <summary>Null = the host's.</summary>
    public FlowTimeouts? Timeouts { get; init; }
}
