using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Session;

/// <summary>
/// Keeps this node in touch with a manager (SwarmKit <c>agent.Agent</c> and <c>node</c>): one session after the other with whichever manager
/// answers, and the node's certificate fresh. Losing every manager stops nothing that runs.
/// </summary>
public sealed partial class AgentSession : IStatusReporter, IAsyncDisposable
{
    private readonly AgentSessionOptions _options;
    private readonly ILogger _logger;
    private readonly RemoteManagers _managers = new();
    private readonly StatusQueue _statuses = new();
    private readonly SessionBackoff _backoff;
    private readonly CertificateRenewer _renewer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _established = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private volatile bool _isConnected;
    private volatile Node? _node;
    private string _sessionId = "";

    private AgentSession(AgentSessionOptions options)
    {
        _options = options;
        _logger = options.Loggers?.CreateLogger<AgentSession>() ?? (ILogger)NullLogger.Instance;
        _backoff = new SessionBackoff(options.Random);
        _renewer = new CertificateRenewer(options.Security, _managers, options.Time, options.Random, _logger);
        var known = RemoteManagersFile.Load(options.StateDirectory);
        foreach (var peer in known.Concat(options.Managers.Where(address => known.All(peer => peer.Addr != address)).Select(address => new Peer { Addr = address })))
        {
            _managers.Observe(peer, RemoteManagers.Observation);
        }

        _running = Task.WhenAll(Task.Run(() => RunSessionsAsync(_stopping.Token)), Task.Run(() => RenewAsync(_stopping.Token)));
    }

    /// <summary>Completes with the first session message: the node has joined. Faults only while joining, when the manager's certificate is not good.</summary>
    public Task SessionEstablished => _established.Task;

    /// <summary>Whether there is a session now.</summary>
    public bool IsConnected => _isConnected;

    /// <summary>The managers known now, by address.</summary>
    public IReadOnlyList<Peer> Managers => _managers.All;

    /// <summary>This node as the managers have it, by the last message that told; null before the first one.</summary>
    public Node? Node => _node;

    /// <summary>Begins; the first session is had later, see <see cref="SessionEstablished"/>.</summary>
    public static AgentSession Start(AgentSessionOptions options) => new(options);

    /// <inheritdoc/>
    public void Report(string taskId, TaskStatus status) => _statuses.Add(taskId, status);

    /// <summary>Ends the session and the renewal. Statuses that are unsent then are reported by the next session over the same worker.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _running;
        _established.TrySetCanceled();
        _stopping.Dispose();
    }

    private async Task RunSessionsAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && !_established.Task.IsFaulted)
        {
            await RunSessionAsync(cancellationToken);
            try
            {
                await Task.Delay(_backoff.Next(), _options.Time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    private async Task RunSessionAsync(CancellationToken cancellationToken)
    {
        Peer? peer;
        lock (_options.Random)
        {
            peer = _managers.Select(_options.Random);
        }

        if (peer is null)
        {
            SessionEnded(_logger, "", "no manager is known");
            return;
        }

        // A new certificate or root needs a new connection; until then the old session goes on undisturbed.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnCertificateChanged(NodeCertificate _) => changed.TrySetResult();
        _options.Security.Changed += OnCertificateChanged;
        try
        {
            using var connection = new SessionConnection(
                peer.Addr, _options.Security.Certificate, _options.Host, _statuses, _options.Logs, _options.Time, _logger, OnMessageAsync);
            try
            {
                var session = connection.RunAsync(_sessionId, ending.Token);
                if (await Task.WhenAny(session, changed.Task) == changed.Task)
                {
                    await ending.CancelAsync();
                }

                await session;
            }
            finally
            {
                _sessionId = connection.SessionId;
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
        }
        catch (Exception failure)
        {
            OnSessionFailed(peer, failure);
        }
        finally
        {
            _options.Security.Changed -= OnCertificateChanged;
            _isConnected = false;
        }

        async ValueTask OnMessageAsync(SessionMessage message, CancellationToken token)
        {
            if (!_isConnected)
            {
                _isConnected = true;
                _backoff.Reset();
                _managers.ObserveIfKnown(peer, RemoteManagers.Observation);
                SessionBegan(_logger, peer.Addr, message.SessionId);
            }

            await TakeMessageAsync(message, token);
            _established.TrySetResult();
        }
    }

    private async ValueTask TakeMessageAsync(SessionMessage message, CancellationToken cancellationToken)
    {
        if (_managers.Replace(message.Managers))
        {
            SaveManagers();
        }

        await _options.Host.OnSessionMessageAsync(message, cancellationToken);
        var certificate = _options.Security.Certificate;
        if (message.Node?.Certificate?.Status?.State == IssuanceStatus.Types.State.IssuanceRotate
            || (message.Node?.Spec is { } spec && spec.DesiredRole != certificate.Identity.NodeRole))
        {
            _renewer.Ask();
        }

        _node = message.Node ?? _node;
        if (!message.RootCa.IsEmpty && !message.RootCa.Span.SequenceEqual(certificate.Root.Pem.Span))
        {
            TakeRoot(message.RootCa.Span, certificate);
        }
    }

    private void SaveManagers()
    {
        try
        {
            RemoteManagersFile.Save(_options.StateDirectory, _managers.All);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A full disk must not cost the session; the next start has an older list.
            ManagersNotSaved(_logger, failure.Message);
        }
    }

    /// <summary>A changed root is taken only if it vouches for this node's own certificate too.</summary>
    private void TakeRoot(ReadOnlySpan<byte> pem, NodeCertificate certificate)
    {
        try
        {
            _options.Security.Replace(certificate.WithRoot(TrustRoot.Parse(pem)));
            RootChanged(_logger);
        }
        catch (CaException refusal)
        {
            RootRefused(_logger, refusal.Message);
        }
    }

    private void OnSessionFailed(Peer peer, Exception failure)
    {
        _managers.ObserveIfKnown(peer, -RemoteManagers.Observation);
        SessionEnded(_logger, peer.Addr, failure.Message);
        if (_options.IsJoining && !_established.Task.IsCompleted && IsTlsFailure(failure))
        {
            _established.TrySetException(new CaException(failure.Message, StatusCode.Unavailable, failure));
        }
    }

    private static bool IsTlsFailure(Exception? failure) => failure is not null && (failure is AuthenticationException || IsTlsFailure(failure.InnerException));

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _renewer.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(4200, LogLevel.Information, "Session {SessionId} with the manager at {Address}.")]
    private static partial void SessionBegan(ILogger logger, string address, string sessionId);

    [LoggerMessage(4201, LogLevel.Warning, "The session with the manager at \"{Address}\" ended: {Reason}")]
    private static partial void SessionEnded(ILogger logger, string address, string reason);

    [LoggerMessage(4207, LogLevel.Warning, "The list of managers could not be saved: {Reason}")]
    private static partial void ManagersNotSaved(ILogger logger, string reason);

    [LoggerMessage(4205, LogLevel.Information, "The swarm's root CA has changed.")]
    private static partial void RootChanged(ILogger logger);

    [LoggerMessage(4206, LogLevel.Warning, "The manager sent a root CA that does not vouch for this node, and it was not taken: {Reason}")]
    private static partial void RootRefused(ILogger logger, string reason);
}
