using SwarmNet.Manager.Logs;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Logs;

/// <summary>The log broker of this node's manager.</summary>
public sealed class BrokerLogSource(LogBroker broker) : ILogSource
{
    /// <inheritdoc/>
    public IAsyncEnumerable<LogMessage> SubscribeAsync(
        LogSelector selector, LogSubscriptionOptions options, CancellationToken cancellationToken) =>
        broker.SubscribeAsync(selector, options, cancellationToken);
}
