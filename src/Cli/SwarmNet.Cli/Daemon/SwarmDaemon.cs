using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using SwarmNet.Agent.Images;
using SwarmNet.EngineApi;
using SwarmNet.EngineApi.Events;
using SwarmNet.EngineApi.Runtime;
using SwarmNet.Linux;

namespace SwarmNet.Cli.Daemon;

/// <summary>The daemon: images, this node's place in a swarm, and the API over both.</summary>
internal static partial class SwarmDaemon
{
    public static async Task RunAsync(DaemonOptions options)
    {
        using var loggers = LoggerFactory.Create(logging => logging
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                console.UseUtcTimestamp = true;
                console.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
            })
            .SetMinimumLevel(options.Debug ? LogLevel.Debug : LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning));
        var logger = loggers.CreateLogger("SwarmNet.Daemon");
        Directory.CreateDirectory(options.State);
        Directory.CreateDirectory(options.Run);
        using var stateLock = LockState(options.State);

        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopped.TrySetResult();
        }

        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        AdoptOrphans();

        using var images = new ImageStore(options.State);
        var events = new EventLog();
        var node = new SwarmNode(options, images, events, loggers);
        await using (node.ConfigureAwait(false))
        {
            await node.ResumeAsync(CancellationToken.None).ConfigureAwait(false);
            var hostname = options.Hostname ?? Environment.MachineName;
            var (runtimeName, runtimePath) = Runtime();
            var api = await EngineApiServer.StartAsync(new EngineApiOptions
            {
                SocketPath = options.Socket,
                Node = node,
                Engine = new EngineInfo
                {
                    Id = EngineId.LoadOrCreate(options.State),
                    Hostname = hostname,
                    StateFolder = options.State,
                    RuntimeName = runtimeName,
                    RuntimePath = runtimePath,
                },
                Images = images,
                Events = events,
                Containers = new OciContainerBackend(() => node.Executor),
                Logs = () => node.Logs,
                Loggers = loggers,
            }).ConfigureAwait(false);
            await using (api.ConfigureAwait(false))
            {
                LogReady(logger, options.Socket);
                await stopped.Task.ConfigureAwait(false);
                LogStopping(logger);
            }
        }
    }

    private static (string Name, string Path) Runtime()
    {
        foreach (var name in new[] { "crun", "runc" })
        {
            foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin").Split(':'))
            {
                var path = Path.Combine(folder, name);
                if (File.Exists(path))
                {
                    return (name, path);
                }
            }
        }

        return ("", "");
    }

    /// <summary>One daemon per state folder; the lock goes with the process, however it ends.</summary>
    private static FileStream LockState(string state)
    {
        try
        {
            return new FileStream(Path.Combine(state, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not DirectoryNotFoundException)
        {
            throw new IOException($"another daemon uses the state folder {state}: stop it, or give this one a --state and a --run folder of its own", e);
        }
    }

    /// <summary>Processes of containers whose parent ends become ours, so that their end is seen and reaped.</summary>
    private static void AdoptOrphans() => _ = Libc.prctl(Libc.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);

    [LoggerMessage(5000, LogLevel.Information, "The API answers on {Socket}")]
    private static partial void LogReady(ILogger logger, string socket);

    [LoggerMessage(5001, LogLevel.Information, "Stopping; containers go on running")]
    private static partial void LogStopping(ILogger logger);
}
