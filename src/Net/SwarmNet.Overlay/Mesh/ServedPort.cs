using System.Net.Sockets;

namespace SwarmNet.Overlay.Mesh;

/// <summary>A published port as its server knows it.</summary>
/// <param name="Protocol">TCP, UDP or <see cref="PublishedPort.Sctp"/>.</param>
/// <param name="Published">Port on the hosts.</param>
/// <param name="Target">Port that the server listens on.</param>
public readonly record struct ServedPort(ProtocolType Protocol, ushort Published, ushort Target);
