using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Manager.Attachments;
using SwarmNet.Manager.Certificates;
using SwarmNet.Manager.Dispatcher;
using SwarmNet.Manager.Health;
using SwarmNet.Manager.Logs;

namespace SwarmNet.Manager;

/// <summary>
/// A manager's port 2377: CA, NodeCA, Dispatcher, LogBroker, ResourceAllocator and Health over mutual TLS. Start it when this manager leads and its store is
/// loaded; stop it before the store.
/// </summary>
public sealed partial class ManagerEndpoint : IAsyncDisposable
{
    private readonly GrpcServer _server;
    private readonly DispatcherService _dispatcher;
    private GrpcListener _listener = null!;
    private int _stopped;

    private ManagerEndpoint(ManagerEndpointOptions options, ILogger logger)
    {
        _server = new GrpcServer(options.Time)
        {
            Authorize = call => Authorizer.Check(call, options.Store),
            Fault = (call, fault) => CallFailed(logger, fault, call.Method.Path),
        };
        _dispatcher = new DispatcherService(options.Store, options.Certificate().Identity.NodeId, options.Time, options.Random, logger);
        Logs = new LogBroker(options.Store);
        new CaService(options.Store, options.Time).Map(_server);
        _dispatcher.Map(_server);
        Logs.Map(_server);
        new ResourceAllocator(options.Store).Map(_server);
        HealthService.Map(_server, part => part is "" or "Raft" ? true : null);
    }

    /// <summary>Output of tasks anywhere in the swarm.</summary>
    public LogBroker Logs { get; }

    /// <summary>The address listened on, with the real port.</summary>
    public IPEndPoint LocalEndPoint => _listener.LocalEndPoint;

    /// <summary>Starts the dispatcher's term, then listens. Throws <see cref="IOException"/> when the address is taken.</summary>
    public static async Task<ManagerEndpoint> StartAsync(ManagerEndpointOptions options, CancellationToken cancellationToken)
    {
        if (options.Store.View.Cluster is null)
        {
            throw new InvalidOperationException("The store is not loaded: it has no cluster object.");
        }

        var endpoint = new ManagerEndpoint(options, options.Loggers?.CreateLogger<ManagerEndpoint>() ?? (ILogger)NullLogger.Instance);
        await endpoint._dispatcher.StartAsync(cancellationToken);
        try
        {
            endpoint._listener = await GrpcListener.StartAsync(
                options.ListenEndPoint, endpoint._server, listen => listen.UseSwarmTls(options.Certificate), options.Loggers, cancellationToken);
            return endpoint;
        }
        catch
        {
            await endpoint._dispatcher.StopAsync(CancellationToken.None);
            endpoint._dispatcher.Dispose();
            endpoint._server.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Ends all streams with Aborted <c>node must disconnect</c>, lets other calls finish, stops listening, and marks the nodes as looking
    /// for another manager.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        try
        {
            await _listener.StopAsync(DispatcherService.StopReason, cancellationToken);
        }
        finally
        {
            await _dispatcher.StopAsync(cancellationToken);
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
        _dispatcher.Dispose();
        _server.Dispose();
    }

    [LoggerMessage(2110, LogLevel.Error, "The call {Path} failed by an error of ours.")]
    private static partial void CallFailed(ILogger logger, Exception fault, string path);
}
