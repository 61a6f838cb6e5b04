using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SwarmNet.EngineApi.Events;
using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Logs;
using SwarmNet.EngineApi.Runtime;
using SwarmNet.EngineApi.Swarm;

namespace SwarmNet.EngineApi;

/// <summary>
/// The Docker Engine API of one node on a unix socket (mode 0660): what the <c>docker</c> CLI, Compose and other clients of
/// Docker talk to. Whoever may open the socket controls the node.
/// </summary>
public sealed class EngineApiServer : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly CancellationTokenSource stopping;
    private readonly Task events;
    private readonly string socketPath;

    private EngineApiServer(WebApplication application, Task events, CancellationTokenSource stopping, string socketPath)
    {
        this.application = application;
        this.events = events;
        this.stopping = stopping;
        this.socketPath = socketPath;
    }

    /// <summary>Starts to serve. Throws <see cref="IOException"/> when another process serves the socket.</summary>
    public static async Task<EngineApiServer> StartAsync(EngineApiOptions options, CancellationToken cancellationToken = default) =>
        await StartAsync(options, () => ClusterAccess.Of(options.Node), cancellationToken);

    /// <summary>As the public one, with the way to the store replaced (tests serve a store without a manager).</summary>
    internal static async Task<EngineApiServer> StartAsync(
        EngineApiOptions options, Func<ClusterAccess> cluster, CancellationToken cancellationToken)
    {
        ReplaceStaleSocket(options.SocketPath);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(options.Loggers);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Followed logs and events may be silent for hours, and archives come at the client's pace.
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.ListenUnixSocket(options.SocketPath, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                HalfClose.Use(listen);
            });
        });
        var application = builder.Build();
        var router = new ApiRouter(
            Routes(options, cluster),
            () => options.Node.Manager,
            $"Docker/{options.Engine.Version} (linux)",
            options.Loggers.CreateLogger<EngineApiServer>());
        options.Node.ForwardedApi = router.HandleForwardedAsync;
        application.Run(router.HandleAsync);
        await application.StartAsync(cancellationToken);
        File.SetUnixFileMode(
            options.SocketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        var stopping = new CancellationTokenSource();
        var pump = new StoreEventPump(() => Quietly(cluster)?.Store, options.Events, options.Time);
        return new EngineApiServer(application, pump.RunAsync(stopping.Token), stopping, options.SocketPath);
    }

    /// <summary>Stops: open requests are cut off, the socket is removed.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await application.StopAsync(now.Token);
        await application.DisposeAsync();
        await events;
        stopping.Dispose();
        File.Delete(socketPath);
    }

    private static List<ApiRoute> Routes(EngineApiOptions options, Func<ClusterAccess> cluster)
    {
        var local = new LocalNetworks(options.Engine.Id, options.Time.GetUtcNow(), options.LocalNetworks);
        return
        [
            .. new SystemRoutes(options, () => Quietly(cluster)).All,
            .. new SwarmRoutes(options.Node, cluster).All,
            .. new BackupRoutes(options.Node, cluster).All,
            .. ApiRoute.OfSwarm(new NodeRoutes(cluster).All),
            .. ApiRoute.OfSwarm(new ServiceRoutes(cluster, local).All),
            .. ApiRoute.OfSwarm(new SwarmLogRoutes(cluster, options.Logs).All, reads: RouteScope.Leader),
            .. ApiRoute.OfSwarm(new TaskRoutes(cluster).All),
            .. ApiRoute.OfSwarm(new NetworkRoutes(cluster, local).All, reads: RouteScope.NodeAndSwarm),
            .. new NetworkDoctorRoutes(options.Node, options.Engine.Hostname).All,
            .. ApiRoute.OfSwarm(new SecretRoutes(cluster).All),
            .. new EventRoutes(options.Events, options.Time).All,
            .. new ImageRoutes(options.Images, options.Containers).All,
            .. new ContainerRoutes(options.Containers, options.Time).All,
            .. new VolumeRoutes(options.Containers).All,
        ];
    }

    private static ClusterAccess? Quietly(Func<ClusterAccess> cluster)
    {
        try
        {
            return cluster();
        }
        catch (ApiException)
        {
            return null;
        }
    }

    private static void ReplaceStaleSocket(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new IOException($"Another process serves {path}: stop it or use another socket.");
    }
}
