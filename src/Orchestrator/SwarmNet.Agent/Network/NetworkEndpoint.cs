using System.Net;

namespace SwarmNet.Agent.Network;

/// <summary>One endpoint of a network, as its owner announced it (an EndpointRecord of networkdb, parsed).</summary>
/// <param name="Id">Key of the record: unique per endpoint and start of its owner.</param>
/// <param name="Name">The task's full name.</param>
/// <param name="ServiceName">Empty for an endpoint that belongs to no service.</param>
/// <param name="ServiceId">Empty for an endpoint that belongs to no service.</param>
/// <param name="VirtualIp">Null with DNS round robin and for endpoints without a service.</param>
/// <param name="Address">The endpoint's own address.</param>
/// <param name="Ports">Published ports; filled only on the ingress network.</param>
/// <param name="Aliases">Aliases of the service on this network.</param>
/// <param name="TaskAliases">Further names of this endpoint alone.</param>
/// <param name="IsDisabled">True while the task stops: no new flows, no names.</param>
public sealed record NetworkEndpoint(
    string Id,
    string Name,
    string ServiceName,
    string ServiceId,
    IPAddress? VirtualIp,
    IPAddress Address,
    IReadOnlyList<PublishedPort> Ports,
    IReadOnlyList<string> Aliases,
    IReadOnlyList<string> TaskAliases,
    bool IsDisabled)
{
    /// <summary>Its IPv6 address; null = none, as of every endpoint of a stock engine.</summary>
    public IPAddress? Address6 { get; init; }

    /// <summary>The service's virtual IPv6 address; null likewise.</summary>
    public IPAddress? VirtualIp6 { get; init; }

    /// <summary>How its service is balanced; unless its owner said more, as a stock engine does.</summary>
    public EndpointPolicy Policy { get; init; } = EndpointPolicy.Stock;
}

/// <summary>A port of the routing mesh that an endpoint serves.</summary>
/// <param name="Protocol">IP protocol number: 6 TCP, 17 UDP, 132 SCTP.</param>
/// <param name="Published">Port on every node.</param>
/// <param name="Target">Port in the task.</param>
public readonly record struct PublishedPort(byte Protocol, ushort Published, ushort Target);
