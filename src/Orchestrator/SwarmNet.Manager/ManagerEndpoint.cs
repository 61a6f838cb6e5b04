using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Manager.Certificates;
using SwarmNet.Manager.Health;
using SwarmNet.Manager.Logs;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Manager;

/// <summary>
/// A manager's port 2377, over mutual TLS: Raft's connections by their ALPN name, Health, and the leader's services, which a manager that does not
/// lead passes on to the one that does. Every manager listens all the time; a term of leadership begins and ends on top of that.
/// </summary>
public sealed partial class ManagerEndpoint : IAsyncDisposable
{
    /// <summary>Where the Engine API begins for requests that a manager passes on.</summary>
    public const string ApiPath = "/swarmnet.api";

    private readonly ManagerEndpointOptions _options;
    private readonly ILogger _logger;
    private readonly GrpcServer _local;
    private GrpcListener _listener = null!;
    private volatile ManagerTerm? _term;
    private int _stopped;

    private ManagerEndpoint(ManagerEndpointOptions options)
    {
        _options = options;
        _logger = options.Loggers?.CreateLogger<ManagerEndpoint>() ?? (ILogger)NullLogger.Instance;
        _local = new GrpcServer(options.Time) { Authorize = call => Authorizer.Check(call, options.Store), Fault = Failed };
        HealthService.Map(_local, part => part is "" or "Raft" ? true : null);
    }

    /// <summary>Output of tasks anywhere in the swarm; null on a manager that does not lead.</summary>
    public LogBroker? Logs => _term?.Logs;

    /// <summary>The address listened on, with the real port.</summary>
    public IPEndPoint LocalEndPoint => _listener.LocalEndPoint;

    /// <summary>Listens. Throws <see cref="IOException"/> when the address is taken.</summary>
    public static async Task<ManagerEndpoint> StartAsync(ManagerEndpointOptions options, CancellationToken cancellationToken)
    {
        var endpoint = new ManagerEndpoint(options);
        var protocols = new Dictionary<string, ConnectionDelegate> { [RaftTransport.ApplicationProtocol] = endpoint.AcceptRaftAsync };
        try
        {
            endpoint._listener = await GrpcListener.StartAsync(
                options.ListenEndPoint,
                endpoint.InvokeAsync,
                listen => listen.UseSwarmTls(options.Certificate, options.AcceptRaft is null ? null : protocols),
                options.Loggers,
                cancellationToken);
            return endpoint;
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException)
        {
            throw new IOException($"The manager's listen address {options.ListenEndPoint} is taken: end the process that listens there.", failure);
        }
    }

    /// <summary>Begins a term of leadership on a loaded, writable store. Throws <see cref="StoreException"/> when it is over already.</summary>
    public async Task LeadAsync(CancellationToken cancellationToken)
    {
        if (_options.Store.View.Cluster is null)
        {
            throw new InvalidOperationException("The store is not loaded: it has no cluster object.");
        }

        _term = await ManagerTerm.StartAsync(_options, Failed, _logger, cancellationToken);
    }

    /// <summary>Ends the term, if there is one: streams end with Aborted <c>node must disconnect</c>.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        if (_term is { } term)
        {
            _term = null;
            await term.StopAsync(cancellationToken);
            await term.DisposeAsync();
        }
    }

    /// <summary>Ends the term, lets other calls finish, and stops listening.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        try
        {
            await FollowAsync(cancellationToken);
        }
        finally
        {
            await _listener.StopAsync(new GrpcStatus(StatusCode.Unavailable, "The manager is stopping."), cancellationToken);
        }
    }

    /// <summary>Stops, with five seconds of patience.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await StopAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Whoever is still connected is cut off below.
        }

        await _listener.DisposeAsync();
        _local.Dispose();
    }

    private async Task InvokeAsync(HttpContext http)
    {
        if (http.Request.Path == SwarmKitMethods.HealthCheck.Path)
        {
            await _local.InvokeAsync(http);
            return;
        }

        if (http.Request.Path.StartsWithSegments(ApiPath, out var rest))
        {
            await InvokeApiAsync(http, rest);
            return;
        }

        var isForwarded = http.Request.Headers.TryGetValue(ForwardedCall.Header, out var header);
        if (isForwarded)
        {
            var peer = http.Features.Get<PeerIdentity>();
            if (!IsManager(peer) || ForwardedCall.Parse(header) is not { } call)
            {
                // Whoever asked a manager that was just demoted finds another one.
                GrpcServer.Refuse(http, peer?.Role == SwarmRoles.Manager
                    ? new GrpcStatus(StatusCode.Unavailable, "The manager that passed this call on is not one any more: ask another")
                    : new GrpcStatus(StatusCode.PermissionDenied, "Permission denied: only managers of this swarm pass calls on"));
                return;
            }

            http.Features.Set(call);
        }

        var started = _options.Time.GetTimestamp();
        do
        {
            var changed = Changed;
            if (_term is { } term)
            {
                await term.InvokeAsync(http);
                return;
            }

            if (!isForwarded && await TryForwardAsync(http))
            {
                return;
            }

            if (!await IsChangedAsync(changed, started, http.RequestAborted))
            {
                GrpcServer.Refuse(http, new GrpcStatus(StatusCode.Unavailable, StoreException.NotLeader().Message));
                return;
            }
        }
        while (true);
    }

    /// <summary>
    /// The Engine API, for managers: one passes on what only the leader can do, to whom it takes for the leader. It goes no further from here, or a
    /// worker's request would arrive as a manager's.
    /// </summary>
    private async Task InvokeApiAsync(HttpContext http, PathString rest)
    {
        if (!IsManager(http.Features.Get<PeerIdentity>()))
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        var started = _options.Time.GetTimestamp();
        while (true)
        {
            var changed = Changed;
            if (_term is not null && _options.Api() is { } api)
            {
                http.Request.Path = rest;
                await api(http);
                return;
            }

            if (!await IsChangedAsync(changed, started, http.RequestAborted))
            {
                // Nothing was done.
                http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                http.Response.ContentType = "application/json";
                var message = JsonEncodedText.Encode($"rpc error: code = Unavailable desc = {StoreException.NotLeader().Message}");
                await http.Response.WriteAsync($"{{\"message\":\"{message}\"}}\n", http.RequestAborted);
                return;
            }
        }
    }

    private Task Changed => _options.Leader?.Changed ?? Task.CompletedTask;

    private Task<bool> IsChangedAsync(Task changed, long started, CancellationToken cancellationToken) =>
        _options.Leader?.IsChangedAsync(changed, started, cancellationToken) ?? Task.FromResult(false);

    private async Task<bool> TryForwardAsync(HttpContext http)
    {
        try
        {
            return _options.Leader is { } leader
                && await leader.TryForwardAsync(http, http.Request.Path + http.Request.QueryString, ForwardedCall.Of(http));
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException && !http.Response.HasStarted)
        {
            GrpcServer.Refuse(http, new GrpcStatus(StatusCode.Unavailable, $"The leader was lost while it had the call: {failure.Message}"));
            return true;
        }
    }

    private async Task AcceptRaftAsync(ConnectionContext connection)
    {
        if (connection.Features.Get<PeerIdentity>() is { } peer && IsManager(peer))
        {
            await _options.AcceptRaft!(connection.Transport.Input, peer, connection.ConnectionClosed);
        }
    }

    private bool IsManager(PeerIdentity? peer) =>
        peer?.Role == SwarmRoles.Manager
        && peer.ClusterId == _options.Certificate().Identity.ClusterId
        && _options.Store.View is var view
        && view.Cluster?.BlacklistedCertificates.ContainsKey(peer.NodeId) != true

        // Demoted, with its old certificate. A newcomer's store knows nobody yet.
        && view.Nodes.Get(peer.NodeId) is not { Role: NodeRole.Worker };

    private void Failed(ServerCallContext call, Exception fault) => CallFailed(_logger, fault, call.Method.Path);

    [LoggerMessage(2110, LogLevel.Error, "The call {Path} failed by an error of ours.")]
    private static partial void CallFailed(ILogger logger, Exception fault, string path);
}
