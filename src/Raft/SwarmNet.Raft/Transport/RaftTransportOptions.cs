using Microsoft.Extensions.Logging;

namespace SwarmNet.Raft;

/// <summary>How a <see cref="RaftTransport"/> reaches the other nodes, and its limits.</summary>
public sealed class RaftTransportOptions
{
    /// <summary>This node's id.</summary>
    public required ulong NodeId { get; init; }

    /// <summary>
    /// Opens a stream to a node: encrypted, and authenticated in both directions, if that is wanted (TLS with the protocol name
    /// <see cref="RaftTransport.ApplicationProtocol"/>). Throws when the node cannot be reached or is not who it should be; it is called again
    /// after a while. Nothing comes back on it, but its end is read: it tells that the peer is gone. The transport disposes the stream.
    /// </summary>
    public required Func<ulong, CancellationToken, Task<Stream>> ConnectAsync { get; init; }

    /// <summary>
    /// Most bytes that wait for one peer; beyond it messages to that peer are dropped until it has taken some (Raft sends again what matters). One
    /// message may exceed it. Default 8 MiB.
    /// </summary>
    public int MaxQueuedBytes { get; init; } = 8 << 20;

    /// <summary>A connection that takes no bytes for so long is closed and made anew. Default 10 s.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>An attempt to connect ends after this time. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The pause after the first failed attempt to connect; it doubles up to <see cref="MaxRetryDelay"/>. Default 50 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause between attempts. Default 1 s.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The clock of pauses and timeouts.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets connections made and lost; null = nobody.</summary>
    public ILogger? Logger { get; init; }
}
