using System.Diagnostics;
using Microsoft.Extensions.Logging;
using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Manager.Certificates;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Dispatcher;

/// <summary>
/// The Dispatcher service: sessions, heartbeats, assignments, status reports (SwarmKit <c>manager/dispatcher</c>). It belongs to the leader:
/// made and started when leadership begins on a loaded store, stopped when it ends.
/// </summary>
internal sealed partial class DispatcherService : IDisposable
{
    private static readonly TimeSpan s_assignmentPause = TimeSpan.FromMilliseconds(100);

    private readonly ClusterStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Random _random;
    private readonly long _started;
    private readonly SessionTable _sessions = new();
    private readonly NodeSignals _sessionSignals = new();
    private readonly NodeSignals _assignmentSignals = new();
    private readonly StatusBatch _statuses;

    /// <summary>A dispatcher over a loaded store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="managerId">This manager's node id, noted in the statuses that it writes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Spreads heartbeats.</param>
    /// <param name="logger">Where changes of nodes are told.</param>
    public DispatcherService(ClusterStore store, string managerId, TimeProvider time, Random random, ILogger logger)
    {
        (_store, _time, _random, _logger) = (store, time, random, logger);
        _started = time.GetTimestamp();
        _statuses = new StatusBatch(store, managerId, time, logger);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    // Monotonic: a clock that is set must not take nodes down.
    private TimeSpan Now => _time.GetElapsedTime(_started);

    /// <summary>Maps the methods.</summary>
    public void Map(GrpcServer server)
    {
        server.MapServerStreaming(SwarmKitMethods.Session, SessionAsync);
        server.MapUnary(SwarmKitMethods.Heartbeat, (request, call) => Task.FromResult(Heartbeat(request, call)));
        server.MapServerStreaming(SwarmKitMethods.Assignments, AssignmentsAsync);
        server.MapUnary(SwarmKitMethods.UpdateTaskStatus, (request, call) => Task.FromResult(UpdateTaskStatus(request, call)));
    }

    private async Task SessionAsync(SessionRequest request, ServerStreamWriter<SessionMessage> messages, ServerCallContext call)
    {
        var nodeId = Caller(call);
        using var signal = _sessionSignals.Subscribe(nodeId);
        var session = await OpenAsync(nodeId, request, call);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, session.Ended);
        SessionMessage? sent = null;
        try
        {
            while (true)
            {
                var message = SessionMessages.Build(_store.View, nodeId, session.SessionId);
                if (message is null && sent is null)
                {
                    _sessions.Remove(nodeId);
                    throw new RpcException(StatusCode.Unavailable, "This manager knows no manager's address yet.");
                }

                if (message is not null && (sent is null || SessionMessages.Differ(sent, message)))
                {
                    await messages.WriteAsync(message, ending.Token);
                    sent = message;
                }

                await signal.WaitAsync(ending.Token);
            }
        }
        catch (OperationCanceledException) when (session.Ended.IsCancellationRequested && !call.CancellationToken.IsCancellationRequested)
        {
            throw MustDisconnect();
        }
    }

    /// <summary>Resumes the session that the node names, or registers it anew; returns once the store says READY.</summary>
    private async Task<NodeSession> OpenAsync(string nodeId, SessionRequest request, ServerCallContext call)
    {
        if (_store.View.Nodes.Get(nodeId) is null)
        {
            throw new RpcException(StatusCode.NotFound, "node not found");
        }

        var session = _sessions.Find(nodeId, request.SessionId)
            ?? _sessions.Register(nodeId, Identifiers.New(), Now, Grace(Period))
            ?? throw new RpcException(StatusCode.Unavailable, $"node {nodeId} exceeded rate limit count of registrations");
        try
        {
            await MarkReadyAsync(nodeId, request.Description, call.CallerAddress()?.Address.ToString() ?? "", call.CancellationToken);
        }
        catch (StoreException failure)
        {
            throw new RpcException(StatusCode.Unavailable, failure.Message, failure);
        }

        NodeRegistered(nodeId, session.SessionId, call.CallerAddress());
        return session;
    }

    private HeartbeatResponse Heartbeat(HeartbeatRequest request, ServerCallContext call)
    {
        var session = _sessions.Get(Caller(call), request.SessionId);
        var period = Spread(Period);
        _sessions.Beat(session, Now, Grace(period));
        return new HeartbeatResponse { Period = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(period) };
    }

    private async Task AssignmentsAsync(AssignmentsRequest request, ServerStreamWriter<AssignmentsMessage> messages, ServerCallContext call)
    {
        var nodeId = Caller(call);
        var session = _sessions.Get(nodeId, request.SessionId);
        using var signal = _assignmentSignals.Subscribe(nodeId);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, session.Ended);
        var assignments = new AssignmentSet(nodeId);
        try
        {
            // A node removes what a COMPLETE set lacks. The dispatcher only exists on a loaded store, so the first message may go at once.
            while (true)
            {
                if (assignments.Next(_store.View) is { } message)
                {
                    Debug.Assert(_store.View.Cluster is not null, "an empty store must not empty nodes");
                    await messages.WriteAsync(message, ending.Token);
                    await Task.Delay(s_assignmentPause, _time, ending.Token);
                }

                await signal.WaitAsync(ending.Token);
            }
        }
        catch (OperationCanceledException) when (session.Ended.IsCancellationRequested && !call.CancellationToken.IsCancellationRequested)
        {
            throw MustDisconnect();
        }
    }

    private UpdateTaskStatusResponse UpdateTaskStatus(UpdateTaskStatusRequest request, ServerCallContext call)
    {
        var nodeId = Caller(call);
        _sessions.Get(nodeId, request.SessionId);
        var view = _store.View;
        if (request.Updates.Any(update => view.Tasks.Get(update.TaskId) is { } task && task.NodeId != nodeId))
        {
            throw new RpcException(StatusCode.PermissionDenied, "cannot update a task not assigned this node");
        }

        foreach (var update in request.Updates)
        {
            // A task that the store forgot already is no mistake of the node's.
            if (update.Status is not null && view.Tasks.Get(update.TaskId) is not null)
            {
                _statuses.Add(update.TaskId, update.Status);
            }
        }

        return new UpdateTaskStatusResponse();
    }

    private TimeSpan Period
    {
        get
        {
            var period = _store.View.Cluster?.Spec?.Dispatcher?.HeartbeatPeriod?.ToTimeSpan() ?? default;

            // A stock engine told 0 beats in a hot loop.
            return period > TimeSpan.Zero ? period : TimeSpan.FromSeconds(5);
        }
    }

    // Half a second either way for the default of five.
    private TimeSpan Spread(TimeSpan period)
    {
        lock (_random)
        {
            var epsilon = Math.Min(0.5, period.TotalSeconds / 10);
            return period + TimeSpan.FromSeconds(((_random.NextDouble() * 2) - 1) * epsilon);
        }
    }

    private static TimeSpan Grace(TimeSpan period) => period * 3;

    private static string Caller(ServerCallContext call)
        => call.Caller()?.NodeId ?? throw new RpcException(StatusCode.PermissionDenied, "Permission denied: the call needs a node's certificate");

    private static RpcException MustDisconnect() => new(StopReason);

    /// <summary>How streams end when the dispatcher wants the node elsewhere.</summary>
    internal static GrpcStatus StopReason => new(StatusCode.Aborted, "node must disconnect");
}
