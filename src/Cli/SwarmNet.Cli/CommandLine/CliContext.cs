using System.Runtime.InteropServices;
using SwarmNet.Cli.Commands;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.CommandLine;

/// <summary>What a command may touch outside itself: streams, environment, clock, terminal, engine.</summary>
internal sealed class CliContext : IDisposable
{
    private Engine? _client;

    public string ProgramName { get; init; } = "swarm";

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Standard input as bytes; opened on first use.</summary>
    public required Func<Stream> OpenInput { get; init; }

    /// <summary>Standard output and error as bytes, for logs that need not be text. Flush <see cref="Out"/> first.</summary>
    public required Func<bool, Stream> OpenOutput { get; init; }

    public required Func<string, string?> Environment { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Columns for help and for the progress display.</summary>
    public int Width { get; init; } = 80;

    public bool OutputIsTerminal { get; init; }

    public bool InputIsTerminal { get; init; }

    /// <summary>Host of the <c>-H</c> flag; null when it was not given.</summary>
    public string? HostFlag { get; private set; }

    /// <summary>The client, made on first use from <c>-H</c>, SWARM_HOST, DOCKER_HOST, or the default socket.</summary>
    public Engine Client => _client ??= new Engine(ResolveHost(), NullIfEmpty(Environment("DOCKER_API_VERSION")));

    /// <summary>Runs a wait; SIGINT cancels it instead of ending the program.</summary>
    public Func<CancellationTokenSource, IDisposable> CatchInterrupt { get; init; } = source =>
        PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            source.Cancel();
        });

    public int? ApplyGlobalFlags(FlagSet flags)
    {
        if (flags.Changed("host"))
        {
            HostFlag = flags.Text("host");
        }

        if (flags.IsSet("version"))
        {
            Out.WriteLine($"{ProgramName} version {BuildInfo.Version}, build {BuildInfo.Commit}");
            return 0;
        }

        return null;
    }

    public EngineHost ResolveHost()
    {
        var text = HostFlag ?? NullIfEmpty(Environment("SWARM_HOST")) ?? NullIfEmpty(Environment("DOCKER_HOST"));
        if (text is null)
        {
            return EngineHost.Default;
        }

        return EngineHost.TryParse(text, out var host, out var error) ? host : throw new CliException(error);
    }

    public void Flush()
    {
        Out.Flush();
        Error.Flush();
    }

    public void Dispose() => _client?.Dispose();

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
