using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SwarmNet.Grpc;
using SwarmNet.Manager.Attachments;
using SwarmNet.Manager.Certificates;
using SwarmNet.Manager.Dispatcher;
using SwarmNet.Manager.Logs;
using SwarmNet.Manager.Raft;

namespace SwarmNet.Manager;

/// <summary>The gRPC services that are the leader's alone, for one term of leadership: CA, NodeCA, Dispatcher, LogBroker, ResourceAllocator, RaftMembership.</summary>
internal sealed class ManagerTerm : IAsyncDisposable
{
    private readonly GrpcServer _server;
    private readonly DispatcherService _dispatcher;

    private ManagerTerm(ManagerEndpointOptions options, Action<ServerCallContext, Exception> fault, ILogger logger)
    {
        _server = new GrpcServer(options.Time) { Authorize = call => Authorizer.Check(call, options.Store), Fault = fault };
        _dispatcher = new DispatcherService(options.Store, options.Certificate().Identity.NodeId, options.Time, options.Random, logger);
        Logs = new LogBroker(options.Store);
        new CaService(options.Store, options.Time).Map(_server);
        _dispatcher.Map(_server);
        Logs.Map(_server);
        new ResourceAllocator(options.Store).Map(_server);
        new MembershipService(options.Store, options.Certificate).Map(_server);
    }

    public LogBroker Logs { get; }

    /// <summary>Starts the dispatcher's term. Throws <see cref="Store.StoreException"/> when this manager leads no more.</summary>
    public static async Task<ManagerTerm> StartAsync(
        ManagerEndpointOptions options, Action<ServerCallContext, Exception> fault, ILogger logger, CancellationToken cancellationToken)
    {
        var term = new ManagerTerm(options, fault, logger);
        try
        {
            await term._dispatcher.StartAsync(cancellationToken);
            return term;
        }
        catch
        {
            await term.DisposeAsync();
            throw;
        }
    }

    public Task InvokeAsync(HttpContext http) => _server.InvokeAsync(http);

    /// <summary>Ends all streams with Aborted <c>node must disconnect</c>, and marks the nodes as looking for another manager.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _server.StopStreamsAsync(DispatcherService.StopReason, cancellationToken);
        }
        finally
        {
            await _dispatcher.StopAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        _dispatcher.Dispose();
        _server.Dispose();
        return ValueTask.CompletedTask;
    }
}
