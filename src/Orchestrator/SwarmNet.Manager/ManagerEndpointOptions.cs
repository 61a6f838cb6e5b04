using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SwarmNet.Ca;
using SwarmNet.Manager.Raft;
using SwarmNet.Manager.Store;

namespace SwarmNet.Manager;

/// <summary>What a <see cref="ManagerEndpoint"/> serves and where.</summary>
public sealed class ManagerEndpointOptions
{
    /// <summary>Address and port to listen on; Docker's default is 0.0.0.0:2377. Port 0 picks one.</summary>
    public required IPEndPoint ListenEndPoint { get; init; }

    /// <summary>The store.</summary>
    public required ClusterStore Store { get; init; }

    /// <summary>This node's manager certificate; asked at every connection, so a renewal takes effect at once.</summary>
    public required Func<NodeCertificate> Certificate { get; init; }

    /// <summary>The way to the leader while it is another manager; null = there is none but this one.</summary>
    internal LeaderLink? Leader { get; init; }

    /// <summary>Reads Raft's messages from a connection of a manager of this swarm until it ends; null refuses them.</summary>
    internal Func<PipeReader, PeerIdentity, CancellationToken, Task>? AcceptRaft { get; init; }

    /// <summary>Answers requests to the Engine API that another manager passes on to the leader; null = there is no such API.</summary>
    internal Func<RequestDelegate?> Api { get; init; } = () => null;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Spreads heartbeats; seeded by the caller where a run must be repeatable.</summary>
    public Random Random { get; init; } = new();

    /// <summary>Where the services log.</summary>
    public ILoggerFactory? Loggers { get; init; }
}
