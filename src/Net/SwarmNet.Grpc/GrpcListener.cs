using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SwarmNet.Grpc;

/// <summary>A <see cref="GrpcServer"/>, or whatever answers requests, on a TCP address: Kestrel, HTTP/2 only, with limits that suit long streams.</summary>
public sealed class GrpcListener : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcServer? _server;
    private int _stopped;

    private GrpcListener(WebApplication app, GrpcServer? server, IPEndPoint localEndPoint)
    {
        _app = app;
        _server = server;
        LocalEndPoint = localEndPoint;
    }

    /// <summary>The address listened on, with the real port when 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Starts listening. Throws <see cref="IOException"/> when the address is taken.</summary>
    /// <param name="endPoint">Address and port; port 0 picks one.</param>
    /// <param name="server">The methods.</param>
    /// <param name="configure">Adds TLS and connection middleware; null serves clear text.</param>
    /// <param name="loggers">Where Kestrel logs; null logs nothing.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static Task<GrpcListener> StartAsync(
        IPEndPoint endPoint, GrpcServer server, Action<ListenOptions>? configure, ILoggerFactory? loggers, CancellationToken cancellationToken) =>
        StartAsync(endPoint, server.InvokeAsync, server, configure, loggers, cancellationToken);

    /// <summary>As the other, with a handler of all requests; whoever made it ends its streams before the listener is stopped.</summary>
    public static Task<GrpcListener> StartAsync(
        IPEndPoint endPoint, RequestDelegate handler, Action<ListenOptions>? configure, ILoggerFactory? loggers, CancellationToken cancellationToken) =>
        StartAsync(endPoint, handler, null, configure, loggers, cancellationToken);

    private static async Task<GrpcListener> StartAsync(
        IPEndPoint endPoint,
        RequestDelegate handler,
        GrpcServer? server,
        Action<ListenOptions>? configure,
        ILoggerFactory? loggers,
        CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        if (loggers is not null)
        {
            builder.Services.AddSingleton(loggers);
        }

        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            Configure(options);
            options.Listen(endPoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                configure?.Invoke(listen);
            });
        });
        var app = builder.Build();
        app.Run(handler);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new GrpcListener(app, server, new IPEndPoint(endPoint.Address, BindingAddress.Parse(address).Port));
    }

    /// <summary>Limits that suit gRPC, for a Kestrel that something else starts.</summary>
    public static void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;

        // The defaults end slow streams: somebody following a quiet log sends nothing for hours.
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MaxConcurrentConnections = null;

        // A peer that is frozen or cut off loses its streams after the sum of both.
        options.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        options.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        options.Limits.Http2.MaxStreamsPerConnection = 1000;

        // Our client says scheme "http" over TLS of its own (see GrpcChannel).
        options.AllowAlternateSchemes = true;
    }

    /// <summary>Ends all streams with <paramref name="reason"/>, then the connections, then stops listening.</summary>
    public async Task StopAsync(GrpcStatus reason, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        if (_server is not null)
        {
            await _server.StopStreamsAsync(reason, cancellationToken);
        }

        await _app.StopAsync(cancellationToken);
    }

    /// <summary>Stops, with Unavailable for whoever is still connected; waits at most five seconds for them.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await StopAsync(new GrpcStatus(StatusCode.Unavailable, "The server is stopping."), patience.Token);
        }
        catch (OperationCanceledException)
        {
            // The rest is cut off by the disposal below.
        }

        await _app.DisposeAsync();
    }

    /// <summary>The process's signals are not the listener's business.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
