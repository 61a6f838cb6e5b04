using System.Text;

namespace SwarmNet.Cli.CommandLine;

/// <summary>Help texts in the layout of Docker's CLI (cobra templates, pflag's wrapping).</summary>
internal static class HelpWriter
{
    public static void Write(TextWriter output, string path, Command command, FlagSet flags, int width, string? globalFlagsOf = null)
    {
        var text = new StringBuilder();
        var hasFlags = flags.All.Any(flag => !flag.Hidden);
        var useLine = command.Commands.Length > 0 ? $"{path}{(hasFlags ? " [OPTIONS]" : "")} COMMAND" : CommandRunner.UseLine(path, command);
        text.Append("Usage:  ").Append(useLine).Append("\n\n");
        text.Append(command.Long.Length > 0 ? command.Long.Trim() : command.Short).Append('\n');
        AppendAliases(text, path, command);
        if (command.Example.Length > 0)
        {
            text.Append("\nExamples:\n");
            foreach (var line in command.Example.Split('\n'))
            {
                text.Append("  ").Append(line.Replace("{0}", Program(path), StringComparison.Ordinal)).Append('\n');
            }
        }

        if (command.Commands.Length > 0)
        {
            AppendCommands(text, command, globalFlagsOf is not null);
        }

        if (hasFlags)
        {
            text.Append(globalFlagsOf is null ? "\nOptions:\n" : "\nGlobal Options:\n");
            AppendFlags(text, flags, width - 1);
        }

        if (command.Commands.Length > 0)
        {
            text.Append("\nRun '").Append(path).Append(" COMMAND --help' for more information on a command.\n");
        }

        output.Write(text.ToString());
    }

    /// <summary>pflag's FlagUsagesWrapped.</summary>
    public static void AppendFlags(StringBuilder text, FlagSet flags, int columns)
    {
        var lines = new List<(string Head, string Usage)>();
        foreach (var flag in flags.All.Where(flag => !flag.Hidden).OrderBy(flag => flag.Name, StringComparer.Ordinal))
        {
            var head = flag.Shorthand.Length > 0 ? $"  -{flag.Shorthand}, --{flag.Name}" : $"      --{flag.Name}";
            lines.Add((flag.TypeName.Length > 0 ? $"{head} {flag.TypeName}" : head, flag.Usage));
        }

        var indent = lines.Max(line => line.Head.Length) + 3;
        foreach (var (head, usage) in lines)
        {
            text.Append(head.PadRight(indent)).Append(Wrap(indent, columns, usage).TrimEnd()).Append('\n');
        }
    }

    internal static string Wrap(int indent, int columns, string text)
    {
        const int Slop = 5;
        var margin = "\n" + new string(' ', indent);
        var width = columns - indent;
        var result = new StringBuilder();
        if (width < 24)
        {
            margin = "\n" + new string(' ', 16);
            width = columns - 16;
            result.Append(margin);
        }

        if (width < 24)
        {
            return text.Replace("\n", margin, StringComparison.Ordinal);
        }

        width -= Slop;
        var (line, rest) = Split(width, Slop, text);
        result.Append(line.Replace("\n", margin, StringComparison.Ordinal));
        while (rest.Length > 0)
        {
            (line, rest) = Split(width, Slop, rest);
            result.Append(margin).Append(line.Replace("\n", margin, StringComparison.Ordinal));
        }

        return result.ToString();
    }

    private static (string Line, string Tail) Split(int width, int slop, string text)
    {
        if (width + slop > text.Length)
        {
            return (text, "");
        }

        var space = text.AsSpan(0, width).LastIndexOfAny(" \t\n");
        if (space <= 0)
        {
            return (text, "");
        }

        var newline = text.AsSpan(0, width).LastIndexOf('\n');
        var at = newline > 0 && newline < space ? newline : space;
        return (text[..at], text[(at + 1)..]);
    }

    private static string Program(string path) => path.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? path[..space] : path;

    private static void AppendAliases(StringBuilder text, string path, Command command)
    {
        var program = Program(path);
        var paths = command.AliasPaths.Select(alias => $"{program} {alias}").ToList();
        if (paths.Count == 0 && command.Aliases.Length > 0 && path.LastIndexOf(' ') is > 0 and var last)
        {
            paths.Add(path);
            paths.AddRange(command.Aliases.Select(alias => path[..(last + 1)] + alias));
        }

        if (paths.Count > 0)
        {
            text.Append("\nAliases:\n  ").Append(string.Join(", ", paths)).Append('\n');
        }
    }

    private static void AppendCommands(StringBuilder text, Command command, bool isRoot)
    {
        var visible = command.Commands.Where(child => !child.Hidden).ToList();
        var pad = Math.Max(11, visible.Max(child => child.Name.Length) + 1);
        foreach (var (title, members) in isRoot
            ? [("Swarm", visible.Where(child => child.Commands.Length == 0)), ("Management", visible.Where(child => child.Commands.Length > 0))]
            : new[] { ("", visible.AsEnumerable()) })
        {
            text.Append('\n').Append(title.Length > 0 ? $"{title} Commands:\n" : "Commands:\n");
            foreach (var child in members.OrderBy(child => child.Name, StringComparer.Ordinal))
            {
                text.Append("  ").Append(child.Name.PadRight(pad)).Append(' ').Append(child.Short).Append('\n');
            }
        }
    }
}
