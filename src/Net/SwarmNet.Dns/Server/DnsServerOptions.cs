using System.Net;

namespace SwarmNet.Dns;

/// <summary>Settings of a <see cref="DnsServer"/>.</summary>
public sealed class DnsServerOptions
{
    /// <summary>Address that the sockets are bound to inside each namespace, at ports of the kernel's choice.</summary>
    public IPAddress ListenAddress { get; init; } = IPAddress.Parse("127.0.0.11");

    /// <summary>How long one upstream server may take before the next one is asked.</summary>
    public TimeSpan UpstreamTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Forwarded queries in flight for each endpoint; more are answered REFUSED.</summary>
    public int MaxForwardsPerEndpoint { get; init; } = 1024;

    /// <summary>TCP connections open for each endpoint; more are closed at once.</summary>
    public int MaxTcpConnectionsPerEndpoint { get; init; } = 128;

    /// <summary>How long a TCP connection may stay silent.</summary>
    public TimeSpan TcpIdleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Seed of the shuffles; null = a random one.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Clock of the timeouts.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
