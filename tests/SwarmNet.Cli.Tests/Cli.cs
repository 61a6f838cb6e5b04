using System.Text;
using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Tests;

/// <summary>Runs one command line in this process and keeps what it wrote.</summary>
internal sealed class Cli
{
    private readonly TimeProvider _time;
    private readonly string _program;
    private readonly bool _terminal;

    public Cli(string program = "docker", TimeProvider? time = null, bool terminal = false)
    {
        _program = program;
        _time = time ?? TimeProvider.System;
        _terminal = terminal;
    }

    public byte[] Input { get; init; } = [];

    public Result Run(CannedEngine? engine, params string[] args)
    {
        var output = new MemoryStream();
        var error = new MemoryStream();
        using var outputWriter = new StreamWriter(output, new UTF8Encoding(false), 1024, leaveOpen: true) { NewLine = "\n" };
        using var errorWriter = new StreamWriter(error, new UTF8Encoding(false), 1024, leaveOpen: true) { NewLine = "\n" };
        using var context = new CliContext
        {
            ProgramName = _program,
            Out = outputWriter,
            Error = errorWriter,
            OpenInput = () => new MemoryStream(Input),
            OpenOutput = toError => new Unclosed(toError ? error : output),
            Environment = name => name == "SWARM_HOST" ? engine?.Host ?? "unix:///nonexistent/swarm.sock" : null,
            Time = _time,
            OutputIsTerminal = _terminal,
            Width = _terminal ? 200 : 80,
            CatchInterrupt = _ => new MemoryStream(),
        };
        // The program's main thread is free to block; so is a test's.
        var exitCode = new CommandRunner(context, SwarmCli.Root).RunAsync(args, CancellationToken.None).GetAwaiter().GetResult();
        context.Flush();
        return new Result(exitCode, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    internal sealed record Result(int ExitCode, string Out, string Error);

    /// <summary>Commands close the process's streams when done; the test reads on.</summary>
    private sealed class Unclosed(Stream inner) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(buffer);
    }
}
