using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SwarmNet.Grpc;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Session;

/// <summary>Answers log subscriptions for one session: one PublishLogs stream each, ended by the last line or by the reader.</summary>
internal sealed partial class LogPublisher(GrpcChannel channel, string nodeId, ILogSource? source, ILogger logger)
{
    private readonly ConcurrentDictionary<string, (CancellationTokenSource Cancel, Task Publishing)> _open = new(StringComparer.Ordinal);

    /// <summary>Listens until the session ends. A manager without a log broker leaves the session alone.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var listening = channel.ServerStreaming(
                SwarmKitMethods.ListenSubscriptions, new ListenSubscriptionsRequest(), default, cancellationToken);
            await foreach (var message in listening.ReadAllAsync(cancellationToken))
            {
                if (message.Close)
                {
                    await CloseAsync(message.Id);
                }
                else if (!_open.ContainsKey(message.Id))
                {
                    var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                    _open[message.Id] = (cancel, PublishAsync(message, cancel.Token));
                }
            }
        }
        catch (RpcException refused) when (refused.Code == StatusCode.Unimplemented)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            await Task.WhenAll(_open.Keys.Select(CloseAsync));
        }
    }

    private async Task CloseAsync(string id)
    {
        if (_open.TryRemove(id, out var subscription))
        {
            await subscription.Cancel.CancelAsync();
            await subscription.Publishing;
            subscription.Cancel.Dispose();
        }
    }

    private async Task PublishAsync(SubscriptionMessage subscription, CancellationToken cancellationToken)
    {
        // Reading may block on disks; the listening loop must not.
        await Task.Yield();
        try
        {
            await using var call = channel.ClientStreaming(SwarmKitMethods.PublishLogs, default, cancellationToken);
            if (source is not null)
            {
                await foreach (var line in source.ReadAsync(subscription.Selector, subscription.Options, cancellationToken))
                {
                    line.Context.NodeId = nodeId;
                    await call.WriteAsync(new PublishLogsMessage { SubscriptionId = subscription.Id, Messages = { line } }, cancellationToken);
                }
            }

            await call.WriteAsync(new PublishLogsMessage { SubscriptionId = subscription.Id, Close = true }, cancellationToken);
            await call.ResponseAsync(cancellationToken);
        }
        catch (Exception gone) when (gone is OperationCanceledException or RpcException { Code: StatusCode.Cancelled or StatusCode.NotFound })
        {
            // The reader left, or the session ended.
        }
        catch (Exception failure)
        {
            // The broker sees the stream end without its last message and tells the reader.
            LogsNotPublished(logger, subscription.Id, failure.Message);
        }
    }

    [LoggerMessage(4202, LogLevel.Warning, "The logs for subscription {SubscriptionId} could not be published: {Reason}")]
    private static partial void LogsNotPublished(ILogger logger, string subscriptionId, string reason);
}
