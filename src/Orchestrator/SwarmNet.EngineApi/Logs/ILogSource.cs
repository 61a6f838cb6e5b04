using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Logs;

/// <summary>Where the lines of tasks anywhere in the swarm come from: the manager's log broker.</summary>
public interface ILogSource
{
    /// <summary>The lines that the selector matches; ends when every node is done, or never with <c>Follow</c>.</summary>
    IAsyncEnumerable<LogMessage> SubscribeAsync(LogSelector selector, LogSubscriptionOptions options, CancellationToken cancellationToken);
}
