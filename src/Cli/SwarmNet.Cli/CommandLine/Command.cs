namespace SwarmNet.Cli.CommandLine;

/// <summary>A command or a group of commands. Flags are declared only when the command is run or its help shown, which keeps starting cheap.</summary>
internal sealed class Command
{
    /// <summary>Name and arguments, such as <c>ls [OPTIONS]</c>.</summary>
    public required string Use { get; init; }

    public required string Short { get; init; }

    public string Long { get; init; } = "";

    /// <summary>Shown in help; <c>{0}</c> is the program's name.</summary>
    public string Example { get; init; } = "";

    /// <summary>Other names in the same group.</summary>
    public string[] Aliases { get; init; } = [];

    /// <summary>Whole paths without the program's name, for the "Aliases:" of help. Empty: made from <see cref="Aliases"/>.</summary>
    public string[] AliasPaths { get; init; } = [];

    public ArgumentCount Arguments { get; init; } = ArgumentCount.Any;

    /// <summary>False: everything after the first argument belongs to the command inside the container.</summary>
    public bool Interspersed { get; init; } = true;

    public bool Hidden { get; init; }

    /// <summary>True: flags are not parsed here but by the command itself (the daemon, the lab).</summary>
    public bool RawArguments { get; init; }

    public Action<FlagSet>? Flags { get; init; }

    public Func<Invocation, int>? Run { get; init; }

    public Func<string[], CancellationToken, Task<int>>? RunAsync { get; init; }

    /// <summary>Names of objects that may stand as arguments, for shell completion.</summary>
    public Func<CliContext, IEnumerable<string>>? Complete { get; init; }

    public Command[] Commands { get; init; } = [];

    public string Name => Use.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? Use[..space] : Use;

    public Command? Find(string name)
    {
        foreach (var command in Commands)
        {
            if (command.Name == name || Array.IndexOf(command.Aliases, name) >= 0)
            {
                return command;
            }
        }

        return null;
    }

    public FlagSet DeclareFlags()
    {
        var flags = new FlagSet();
        Flags?.Invoke(flags);
        return flags;
    }
}
