using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Dispatcher;

/// <summary>The states of nodes: who is ready and who is down.</summary>
internal sealed partial class DispatcherService
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stopping = new();
    private Task _loops = Task.CompletedTask;

    /// <summary>
    /// Begins a term of leadership: nodes that are not down become UNKNOWN until they come back, with twice the usual grace. Returns once
    /// that is stored.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var changes = _store.Watch(change => change.Kind == StoreEventKind.Resync || change.Subject is Node or Cluster or SwarmTask or Secret or Config);
        foreach (var node in _store.View.Nodes.All)
        {
            if (node.Status?.State != NodeState.Down)
            {
                _sessions.Expect(node.Id, Now, 2 * Grace(Period));
            }
        }

        await _store.UpdateBatchAsync(
            [.. _store.View.Nodes.All.Where(node => node.Status?.State != NodeState.Down).Select(node => node.Id)],
            (transaction, id) => SetState(
                transaction, id, NodeState.Unknown, "Node moved to \"unknown\" state due to leadership change in cluster"),
            cancellationToken);
        _loops = Task.WhenAll(
            RouteAsync(changes, _stopping.Token), WatchHeartbeatsAsync(_stopping.Token), _statuses.RunAsync(_stopping.Token));
    }

    /// <summary>
    /// Ends the term. The streams must have ended before (<see cref="Grpc.GrpcServer.StopStreamsAsync"/>): nodes with a session become
    /// DISCONNECTED, which moves no tasks, and look for another manager.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _loops;
        try
        {
            await _store.UpdateBatchAsync(
                _sessions.Nodes,
                (transaction, id) => SetState(transaction, id, NodeState.Disconnected, "node is currently trying to find new manager"),
                cancellationToken);
        }
        catch (StoreException)
        {
            // Leadership is lost already: the next leader makes them UNKNOWN.
        }
    }

    /// <summary>Turns changes of the store into "look again" for the streams that they concern.</summary>
    private async Task RouteAsync(StoreWatcher changes, CancellationToken cancellationToken)
    {
        using (changes)
        {
            try
            {
                await foreach (var change in changes.Events.ReadAllAsync(cancellationToken))
                {
                    Route(change);
                }
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    private void Route(in StoreEvent change)
    {
        switch (change.Subject)
        {
            case SwarmTask task:
                _assignmentSignals.Raise(task.NodeId);
                if (change.Before is SwarmTask before && before.NodeId != task.NodeId)
                {
                    _assignmentSignals.Raise(before.NodeId);
                }

                break;
            case Node node:
                if (change.Kind == StoreEventKind.Removed)
                {
                    _sessions.Remove(node.Id);
                }

                if (ManagerAddress(change.Before) != ManagerAddress(change.After))
                {
                    _sessionSignals.RaiseAll();
                }
                else
                {
                    _sessionSignals.Raise(node.Id);
                }

                break;
            case Cluster:
                _sessionSignals.RaiseAll();
                break;
            default:
                // Secrets and configs (a task may have waited for one), and Resync.
                _assignmentSignals.RaiseAll();
                if (change.Kind == StoreEventKind.Resync)
                {
                    _sessionSignals.RaiseAll();
                }

                break;
        }
    }

    private static string ManagerAddress(Google.Protobuf.IMessage? node) => (node as Node)?.ManagerStatus?.Addr ?? "";

    private async Task WatchHeartbeatsAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_tick, _time, cancellationToken);
                var expired = _sessions.TakeExpired(Now);
                try
                {
                    await _store.UpdateBatchAsync(expired, MarkDown, cancellationToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // Expected again, so that the next tick that can write takes them down.
                    foreach (var session in expired)
                    {
                        _sessions.Expect(session.NodeId, Now, Grace(Period));
                    }

                    NodesNotMarked(expired.Count, failure.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void MarkDown(StoreTransaction transaction, NodeSession session)
    {
        // It may have come back between the tick and this transaction.
        if (_sessions.IsRegistered(session.NodeId))
        {
            return;
        }

        SetState(
            transaction, session.NodeId, NodeState.Down, session.IsExpected ? "heartbeat failure for node in \"unknown\" state" : "heartbeat failure");
        NodeDown(session.NodeId);
    }

    private Task MarkReadyAsync(string nodeId, NodeDescription? description, string address, CancellationToken cancellationToken) => _store.UpdateAsync(
        transaction =>
        {
            if (transaction.View.Nodes.Get(nodeId) is not { } stored)
            {
                return;
            }

            var node = stored.Clone();
            node.Description = description ?? node.Description;
            node.Status = new NodeStatus { State = NodeState.Ready, Addr = address };
            if (!node.Equals(stored))
            {
                transaction.Update(node);
            }
        },
        cancellationToken);

    private static void SetState(StoreTransaction transaction, string nodeId, NodeState state, string message)
    {
        if (transaction.View.Nodes.Get(nodeId) is not { } stored || (stored.Status?.State == state && stored.Status.Message == message))
        {
            return;
        }

        var node = stored.Clone();
        node.Status ??= new NodeStatus();
        node.Status.State = state;
        node.Status.Message = message;
        transaction.Update(node);
    }
}
