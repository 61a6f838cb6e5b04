using System.Net;
using Microsoft.Extensions.Logging;
using SwarmNet.Ca;
using SwarmNet.Manager.Store;

namespace SwarmNet.Manager;

/// <summary>What a <see cref="ManagerEndpoint"/> serves and where.</summary>
public sealed class ManagerEndpointOptions
{
    /// <summary>Address and port to listen on; Docker's default is 0.0.0.0:2377. Port 0 picks one.</summary>
    public required IPEndPoint ListenEndPoint { get; init; }

    /// <summary>The store, loaded (its cluster object is there) and writable.</summary>
    public required ClusterStore Store { get; init; }

    /// <summary>This node's manager certificate; asked at every connection, so a renewal takes effect at once.</summary>
    public required Func<NodeCertificate> Certificate { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Spreads heartbeats; seeded by the caller where a run must be repeatable.</summary>
    public Random Random { get; init; } = new();

    /// <summary>Where the services log.</summary>
    public ILoggerFactory? Loggers { get; init; }
}
