namespace SwarmNet.Cli.CommandLine;

/// <summary>One run of a command: where it reads and writes, its flags and its arguments.</summary>
/// <param name="Context">Outputs, environment, client.</param>
/// <param name="Command">The command.</param>
/// <param name="Path">Names from the program's down to the command's.</param>
/// <param name="Flags">Flags with their values.</param>
/// <param name="Args">Arguments that are no flags.</param>
internal sealed record Invocation(CliContext Context, Command Command, string Path, FlagSet Flags, IReadOnlyList<string> Args)
{
    public TextWriter Out => Context.Out;

    public TextWriter Error => Context.Error;

    /// <summary>The usage line: path and what follows the name in <see cref="CommandLine.Command.Use"/>.</summary>
    public string UseLine => CommandRunner.UseLine(Path, Command);
}
