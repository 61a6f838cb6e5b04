using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Agent.Images;
using SwarmNet.EngineApi.Events;
using SwarmNet.EngineApi.Logs;
using SwarmNet.EngineApi.Runtime;

namespace SwarmNet.EngineApi;

/// <summary>What an <see cref="EngineApiServer"/> serves, and where.</summary>
public sealed record EngineApiOptions
{
    /// <summary>Path of the unix socket; its folder must exist. A socket that nobody serves any more is replaced.</summary>
    public required string SocketPath { get; init; }

    /// <summary>This node's place in a swarm.</summary>
    public required ISwarmNode Node { get; init; }

    /// <summary>What this engine is.</summary>
    public required EngineInfo Engine { get; init; }

    /// <summary>The images of this node; without it the image routes answer 501.</summary>
    public IImageStore? Images { get; init; }

    /// <summary>The containers of this node; without it there are none.</summary>
    public IContainerBackend? Containers { get; init; }

    /// <summary>Lines of tasks anywhere in the swarm: the log broker of this node's manager, null while there is none.</summary>
    public Func<ILogSource?> Logs { get; init; } = () => null;

    /// <summary>Events of this engine. The swarm's are added by the server; others add theirs.</summary>
    public EventLog Events { get; init; } = new();

    /// <summary>Networks of this node's data plane, beside the predefined ones.</summary>
    public Func<IReadOnlyList<LocalNetwork>> LocalNetworks { get; init; } = () => [];

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the server logs.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
