using Microsoft.Extensions.Logging;
using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Session;

/// <summary>
/// One session with one manager, from registration to its end: the session stream and, beside it on the same connection, heartbeats,
/// assignments, status reports and log subscriptions. Whichever of them fails ends all.
/// </summary>
internal sealed class SessionConnection : IDisposable
{
    private static readonly TimeSpan s_callTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_descriptionPeriod = TimeSpan.FromSeconds(20);

    private readonly GrpcChannel _channel;
    private readonly IAgentHost _host;
    private readonly StatusQueue _statuses;
    private readonly TimeProvider _time;
    private readonly NodeCertificate _certificate;
    private readonly LogPublisher _logs;
    private readonly Func<SessionMessage, CancellationToken, ValueTask> _onMessage;

    public SessionConnection(
        string address,
        NodeCertificate certificate,
        IAgentHost host,
        StatusQueue statuses,
        ILogSource? logs,
        TimeProvider time,
        ILogger logger,
        Func<SessionMessage, CancellationToken, ValueTask> onMessage)
    {
        (_certificate, _host, _statuses, _time, _onMessage) = (certificate, host, statuses, time, onMessage);
        _channel = SwarmTls.Channel(address, SwarmRoles.Manager, certificate.Root, certificate);
        _logs = new LogPublisher(_channel, certificate.Identity.NodeId, logs, logger);
    }

    /// <summary>The id that the manager gave, or the previous one until it has.</summary>
    public string SessionId { get; private set; } = "";

    /// <summary>
    /// Runs the session. Returns when the node's description has changed, so that a new session should begin; otherwise throws what ended it.
    /// </summary>
    public async Task RunAsync(string previousSessionId, CancellationToken cancellationToken)
    {
        SessionId = previousSessionId;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var description = Describe();
        await using var session = _channel.ServerStreaming(
            SwarmKitMethods.Session, new SessionRequest { Description = description, SessionId = previousSessionId }, default, ending.Token);
        var first = await FirstMessageAsync(session, ending.Token);
        SessionId = first.SessionId;
        await _onMessage(first, ending.Token);
        foreach (var (taskId, status) in _host.TaskStatuses)
        {
            _statuses.AddOlder(taskId, status);
        }

        Task[] parts =
        [
            ReadMessagesAsync(session, ending.Token),
            HeartbeatAsync(ending.Token),
            AssignmentsAsync(ending.Token),
            ReportAsync(ending.Token),
            _logs.RunAsync(ending.Token),
            WatchDescriptionAsync(description, ending.Token),
        ];
        var ended = await Task.WhenAny(parts);
        await ending.CancelAsync();
        await Task.WhenAll(parts).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await ended;
    }

    public void Dispose() => _channel.Dispose();

    private NodeDescription Describe()
    {
        var description = _host.Describe().Clone();
        description.TlsInfo = _certificate.TlsInfo;
        return description;
    }

    private async Task<SessionMessage> FirstMessageAsync(GrpcCall<SessionRequest, SessionMessage> session, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(s_callTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await session.ReadAsync(either.Token) ?? throw Ended("session");
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(StatusCode.DeadlineExceeded, "The manager did not open the session within 5 s.");
        }
    }

    private async Task ReadMessagesAsync(GrpcCall<SessionRequest, SessionMessage> session, CancellationToken cancellationToken)
    {
        await foreach (var message in session.ReadAllAsync(cancellationToken))
        {
            await _onMessage(message, cancellationToken);
        }

        throw Ended("session");
    }

    // The first beat goes at once: it shows the manager that the way back works.
    private async Task HeartbeatAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var response = await _channel.UnaryAsync(
                SwarmKitMethods.Heartbeat, new HeartbeatRequest { SessionId = SessionId }, new CallOptions(s_callTimeout), cancellationToken);
            var period = response.Period?.ToTimeSpan() ?? TimeSpan.Zero;
            await Task.Delay(period > TimeSpan.Zero ? period : s_callTimeout, _time, cancellationToken);
        }
    }

    private async Task AssignmentsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var assignments = _channel.ServerStreaming(
                SwarmKitMethods.Assignments, new AssignmentsRequest { SessionId = SessionId }, default, cancellationToken);
            string? applied = null;
            while (true)
            {
                var message = await assignments.ReadAsync(cancellationToken) ?? throw Ended("assignments");
                if (message.Type == AssignmentsMessage.Types.Type.Incremental && message.AppliesTo != applied)
                {
                    // A message is missing in between: begin anew with a COMPLETE set.
                    break;
                }

                await _host.ApplyAsync(message, cancellationToken);
                applied = message.ResultsIn;
            }
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var batch = await _statuses.TakeAsync(cancellationToken);
            try
            {
                await SendAsync(batch, cancellationToken);
            }
            catch
            {
                foreach (var (taskId, status) in batch)
                {
                    _statuses.AddOlder(taskId, status);
                }

                throw;
            }
        }
    }

    private async Task SendAsync(List<KeyValuePair<string, TaskStatus>> batch, CancellationToken cancellationToken)
    {
        var request = new UpdateTaskStatusRequest { SessionId = SessionId };
        request.Updates.AddRange(batch.Select(
            status => new UpdateTaskStatusRequest.Types.TaskStatusUpdate { TaskId = status.Key, Status = status.Value }));
        try
        {
            await _channel.UnaryAsync(SwarmKitMethods.UpdateTaskStatus, request, new CallOptions(s_callTimeout), cancellationToken);
        }
        catch (RpcException refusal) when (refusal.Code == StatusCode.PermissionDenied)
        {
            // One of them is no task of this node's any more. Alone it is dropped; it must not hold up the others.
            foreach (var status in batch.Count > 1 ? batch : [])
            {
                await SendAsync([status], cancellationToken);
            }
        }
    }

    private async Task WatchDescriptionAsync(NodeDescription registered, CancellationToken cancellationToken)
    {
        do
        {
            await Task.Delay(s_descriptionPeriod, _time, cancellationToken);
        }
        while (Describe().Equals(registered));
    }

    private static RpcException Ended(string stream) => new(StatusCode.Unavailable, $"The manager ended the {stream} stream.");
}
