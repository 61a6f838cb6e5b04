using SwarmNet.EngineApi.Logs;
using SwarmNet.Manager.Logs;
using SwarmNet.Protocol;

namespace SwarmNet.Cli.Daemon;

/// <summary>The manager's log broker as the API reads it.</summary>
internal sealed class BrokerLogs(LogBroker broker) : ILogSource
{
    public IAsyncEnumerable<LogMessage> SubscribeAsync(LogSelector selector, LogSubscriptionOptions options, CancellationToken cancellationToken) =>
        broker.SubscribeAsync(selector, options, cancellationToken);
}
