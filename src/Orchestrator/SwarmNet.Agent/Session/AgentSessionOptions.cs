using Microsoft.Extensions.Logging;
using SwarmNet.Ca;

namespace SwarmNet.Agent.Session;

/// <summary>What an <see cref="AgentSession"/> works with.</summary>
public sealed class AgentSessionOptions
{
    /// <summary>This node's folder; the list of known managers is kept there as <c>state.json</c>.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>This node's certificate; the session renews it.</summary>
    public required NodeSecurity Security { get; init; }

    /// <summary>The worker.</summary>
    public required IAgentHost Host { get; init; }

    /// <summary>Addresses of managers to begin with, <c>host:port</c>, beside those in <c>state.json</c>. A manager's own agent names its own.</summary>
    public IReadOnlyList<string> Managers { get; init; } = [];

    /// <summary>Where logs are read; null publishes nothing.</summary>
    public ILogSource? Logs { get; init; }

    /// <summary>The node is joining: when the first manager's certificate is not good, give up instead of trying on.</summary>
    public bool IsJoining { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Picks managers, pauses and the moment of renewal; seeded by the caller where a run must be repeatable.</summary>
    public Random Random { get; init; } = new();

    /// <summary>Where it logs.</summary>
    public ILoggerFactory? Loggers { get; init; }
}
