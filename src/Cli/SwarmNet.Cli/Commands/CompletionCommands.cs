using SwarmNet.Cli.CommandLine;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary>Shell completion: scripts that ask this program (<c>__complete</c>) what may follow.</summary>
internal static class CompletionCommands
{
    private const string Bash = """
        # bash completion for {0}: source <({0} completion bash)
        _{0}_complete() {
            local cur="${COMP_WORDS[COMP_CWORD]}" IFS=$'\n'
            COMPREPLY=($(compgen -W "$({0} __complete -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$cur" 2>/dev/null)" -- "$cur"))
            [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
            return 0
        }
        complete -o default -F _{0}_complete {0}

        """;

    private const string Zsh = """
        #compdef {0}
        # zsh completion for {0}: source <({0} completion zsh)
        _{0}_complete() {
            local -a candidates
            candidates=(${(f)"$({0} __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
            compadd -- $candidates || _files
        }
        compdef _{0}_complete {0}

        """;

    private const string Fish = """
        # fish completion for {0}: {0} completion fish | source
        complete -c {0} -a '({0} __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'

        """;

    public static Command Completion => new()
    {
        Use = "completion (bash|zsh|fish)",
        Short = "Print a completion script for a shell",
        Arguments = ArgumentCount.Exactly(1),
        Complete = _ => ["bash", "zsh", "fish"],
        Example = "source <({0} completion bash)",
        Run = invocation =>
        {
            var script = invocation.Args[0] switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                "fish" => Fish,
                var other => throw new CliException($"there is no completion for {other}: give bash, zsh or fish"),
            };
            invocation.Out.Write(script.Replace("{0}", invocation.Context.ProgramName, StringComparison.Ordinal));
            return 0;
        },
    };

    public static Command Complete(Func<Command> root) => new()
    {
        Use = "__complete",
        Short = "List what may follow the given words",
        Hidden = true,
        Interspersed = false,
        Run = invocation =>
        {
            foreach (var candidate in Candidates(invocation.Context, root(), invocation.Args).Order(StringComparer.Ordinal).Distinct())
            {
                invocation.Out.WriteLine(candidate);
            }

            return 0;
        },
    };

    /// <summary>What may stand in place of the last word.</summary>
    internal static IEnumerable<string> Candidates(CliContext context, Command root, IReadOnlyList<string> words)
    {
        var command = root;
        var at = 0;
        while (at < words.Count - 1)
        {
            if (command == root && words[at] is "-H" or "--host")
            {
                at += 2;
            }
            else if (words[at].StartsWith('-'))
            {
                at++;
            }
            else if (command.Find(words[at]) is { } child)
            {
                command = child;
                at++;
            }
            else
            {
                break;
            }
        }

        var current = words.Count == 0 ? "" : words[^1];
        if (current.StartsWith('-'))
        {
            return command.DeclareFlags().All.Where(flag => !flag.Hidden).Select(flag => "--" + flag.Name).Append("--help")
                .Where(name => name.StartsWith(current, StringComparison.Ordinal));
        }

        if (command.Commands.Length > 0)
        {
            return command.Commands.Where(child => !child.Hidden).Select(child => child.Name).Where(name => name.StartsWith(current, StringComparison.Ordinal));
        }

        try
        {
            return [.. (command.Complete?.Invoke(context) ?? []).Where(name => name.StartsWith(current, StringComparison.Ordinal))];
        }
        catch (Exception error) when (error is EngineException or EngineUnreachableException)
        {
            // No names without a daemon; the shell falls back to files.
            return [];
        }
    }
}
