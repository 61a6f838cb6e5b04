namespace SwarmNet.Cli.CommandLine;

/// <summary>A command that ends with a message on standard error and an exit code. An empty message prints nothing.</summary>
internal sealed class CliException : Exception
{
    public CliException(string message, int exitCode = 1)
        : base(message) => ExitCode = exitCode;

    public int ExitCode { get; }
}
