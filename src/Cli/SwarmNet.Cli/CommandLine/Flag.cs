namespace SwarmNet.Cli.CommandLine;

/// <summary>One flag of a command: what help shows and what parsing checks.</summary>
/// <param name="Name">Long name without dashes.</param>
/// <param name="Shorthand">One letter, or empty.</param>
/// <param name="Kind">How values are checked.</param>
/// <param name="TypeName">The word shown after the name in help; empty for a switch.</param>
/// <param name="Usage">Help text, with its "(default ...)" as Docker prints it.</param>
/// <param name="Default">The value when the flag is absent; empty for none.</param>
/// <param name="Check">Refuses a value by throwing <see cref="FormatException"/> with Docker's words.</param>
internal sealed record Flag(
    string Name, string Shorthand, FlagKind Kind, string TypeName, string Usage, string Default = "", Action<string>? Check = null)
{
    public bool Hidden { get; init; }

    /// <summary>The name as pflag's messages have it: <c>-p, --publish</c>.</summary>
    public string Display => Shorthand.Length > 0 ? $"-{Shorthand}, --{Name}" : $"--{Name}";
}
