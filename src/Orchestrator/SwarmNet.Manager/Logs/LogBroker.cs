using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SwarmNet.Grpc;
using SwarmNet.Manager.Certificates;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Dispatcher;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Logs;

/// <summary>
/// Brings the output of tasks from wherever they run to whoever asks (SwarmKit <c>manager/logbroker</c>): readers subscribe here, nodes with
/// matching tasks are told over their ListenSubscriptions stream and publish what they have.
/// </summary>
public sealed class LogBroker
{
    private readonly ClusterStore _store;
    private readonly ConcurrentDictionary<string, LogSubscription> _subscriptions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _listeners = new(StringComparer.Ordinal);
    private readonly NodeSignals _signals = new();

    internal LogBroker(ClusterStore store) => _store = store;

    /// <summary>
    /// The lines of the selected tasks as they come in, in order per task. Without <c>follow</c> it ends when every node has written all;
    /// with it, tasks that come later are included, and it ends with the token. Throws <see cref="ControlException"/> at the end when the
    /// lines of a node or task could not be had.
    /// </summary>
    public async IAsyncEnumerable<LogMessage> SubscribeAsync(
        LogSelector selector, LogSubscriptionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var subscription = new LogSubscription(Identifiers.New(), selector.Clone(), options.Clone());
        using var changes = _store.Watch(change => change.After is SwarmTask task && subscription.Matches(task));
        _subscriptions[subscription.Id] = subscription;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Look(subscription);
        var following = subscription.Follows ? FollowAsync(subscription, changes, ended.Token) : Task.CompletedTask;
        try
        {
            await foreach (var message in subscription.Messages.ReadAllAsync(cancellationToken))
            {
                yield return message;
            }
        }
        finally
        {
            _subscriptions.TryRemove(subscription.Id, out _);
            subscription.Close();
            _signals.RaiseAll();
            await ended.CancelAsync();
            await following;
        }

        if (subscription.Missing is { Count: > 0 } missing)
        {
            throw new ControlException(
                StatusCode.Unknown,
                $"warning: incomplete log stream. some logs could not be retrieved for the following reasons: {string.Join(", ", missing)}");
        }
    }

    /// <summary>Whether the node can be asked for its lines.</summary>
    internal bool IsListening(string nodeId) => _listeners.ContainsKey(nodeId);

    /// <summary>Maps the LogBroker service.</summary>
    internal void Map(GrpcServer server)
    {
        server.MapServerStreaming(SwarmKitMethods.ListenSubscriptions, (_, messages, call) => ListenAsync(messages, call));
        server.MapClientStreaming(SwarmKitMethods.PublishLogs, PublishAsync);
    }

    private void Look(LogSubscription subscription)
    {
        foreach (var nodeId in subscription.Look(_store.View, IsListening))
        {
            _signals.Raise(nodeId);
        }
    }

    private async Task FollowAsync(LogSubscription subscription, StoreWatcher changes, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in changes.Events.ReadAllAsync(cancellationToken))
            {
                Look(subscription);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Tells one node which readers there are for it, and when they leave. Silent most of the time.</summary>
    private async Task ListenAsync(ServerStreamWriter<SubscriptionMessage> messages, ServerCallContext call)
    {
        var nodeId = Caller(call);
        using var signal = _signals.Subscribe(nodeId);
        _listeners.AddOrUpdate(nodeId, 1, (_, count) => count + 1);
        var told = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                foreach (var subscription in _subscriptions.Values.Where(subscription => subscription.Wants(nodeId)))
                {
                    if (told.Add(subscription.Id))
                    {
                        await messages.WriteAsync(subscription.Message(close: false), call.CancellationToken);
                    }
                }

                foreach (var id in told.Where(id => !_subscriptions.ContainsKey(id)).ToList())
                {
                    told.Remove(id);
                    await messages.WriteAsync(new SubscriptionMessage { Id = id, Close = true }, call.CancellationToken);
                }

                await signal.WaitAsync(call.CancellationToken);
            }
        }
        finally
        {
            if (_listeners.AddOrUpdate(nodeId, 0, (_, count) => count - 1) == 0)
            {
                _listeners.TryRemove(KeyValuePair.Create(nodeId, 0));
                foreach (var subscription in _subscriptions.Values.Where(subscription => !subscription.Follows))
                {
                    subscription.Done(nodeId, $"node {nodeId} is not available");
                }
            }
        }
    }

    private async Task<PublishLogsResponse> PublishAsync(IAsyncEnumerable<PublishLogsMessage> messages, ServerCallContext call)
    {
        var nodeId = Caller(call);
        LogSubscription? subscription = null;
        var complete = false;
        try
        {
            await foreach (var message in messages)
            {
                subscription ??= Find(message.SubscriptionId);
                if (message.SubscriptionId != subscription.Id)
                {
                    throw new RpcException(StatusCode.InvalidArgument, "different subscription IDs in the same session");
                }

                complete |= message.Close;
                foreach (var line in message.Messages)
                {
                    if (line.Context?.NodeId != nodeId)
                    {
                        throw new RpcException(StatusCode.PermissionDenied, "the log message names another node than the one that sends it");
                    }

                    if (!await subscription.WriteAsync(line, call.CancellationToken))
                    {
                        // The reader has left, and the node hears of it here or by its subscription's close, whichever is first.
                        return new PublishLogsResponse();
                    }
                }
            }

            return new PublishLogsResponse();
        }
        finally
        {
            subscription?.Done(nodeId, complete ? null : $"node {nodeId} disconnected unexpectedly");
        }
    }

    private LogSubscription Find(string id)
    {
        if (id.Length == 0)
        {
            throw new RpcException(StatusCode.InvalidArgument, "missing subscription ID");
        }

        return _subscriptions.TryGetValue(id, out var subscription)
            ? subscription
            : throw new RpcException(StatusCode.NotFound, $"no subscription {id}: its reader has left");
    }

    private static string Caller(ServerCallContext call)
        => call.Caller()?.NodeId ?? throw new RpcException(StatusCode.PermissionDenied, "Permission denied: the call needs a node's certificate");
}
