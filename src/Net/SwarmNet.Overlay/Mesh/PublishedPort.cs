using System.Net.Sockets;

namespace SwarmNet.Overlay.Mesh;

/// <summary>A port of the host (on every local address) that is forwarded to backends.</summary>
/// <param name="Protocol"><see cref="ProtocolType.Tcp"/> or <see cref="ProtocolType.Udp"/>.</param>
/// <param name="Port">The published port, 1 to 65,535.</param>
/// <param name="Backends">
/// Servers, which take turns; when empty, clients are refused at once. Backends behind the mesh's own interface see the
/// node's address there as source, all others the client's.
/// </param>
public sealed record PublishedPort(ProtocolType Protocol, ushort Port, IReadOnlyList<PortBackend> Backends);
