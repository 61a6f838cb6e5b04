using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.CommandLine;

/// <summary>Finds the command that the arguments name, parses its flags, runs it, and turns errors into Docker's texts and exit codes.</summary>
internal sealed class CommandRunner
{
    private readonly CliContext _context;
    private readonly Command _root;

    public CommandRunner(CliContext context, Command root)
    {
        _context = context;
        _root = root;
    }

    public static string UseLine(string path, Command command) =>
        command.Use.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? path + command.Use[space..] : path;

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        try
        {
            return await DispatchAsync(args, cancellationToken);
        }
        catch (CliException error)
        {
            if (error.Message.Length > 0)
            {
                _context.Error.WriteLine(error.Message);
            }

            return error.ExitCode;
        }
        catch (EngineException error)
        {
            _context.Error.WriteLine(Describe(error));
            return 1;
        }
        catch (EngineUnreachableException error)
        {
            _context.Error.WriteLine(error.Message);
            return 1;
        }
        catch (IOException error)
        {
            _context.Error.WriteLine(error.Message);
            return 1;
        }
        finally
        {
            _context.Flush();
        }
    }

    public static string Describe(EngineException error) => $"Error response from daemon: {error.Message}";

    private async Task<int> DispatchAsync(string[] args, CancellationToken cancellationToken)
    {
        var program = _context.ProgramName;
        var flags = _root.DeclareFlags();
        List<string> rest;
        try
        {
            rest = flags.Parse(args, interspersed: false);
        }
        catch (FormatException error)
        {
            throw new CliException($"{error.Message}\n\nUsage:  {program} [OPTIONS] COMMAND [ARG...]\n\nRun '{program} --help' for more information", 125);
        }

        if (_context.ApplyGlobalFlags(flags) is { } exit)
        {
            return exit;
        }

        if (rest.Count == 0 || flags.HelpAsked)
        {
            HelpWriter.Write(_context.Out, program, _root, flags, _context.Width, program);
            return 0;
        }

        return await DispatchAsync(_root, program, rest, cancellationToken);
    }

    private async Task<int> DispatchAsync(Command parent, string path, List<string> args, CancellationToken cancellationToken)
    {
        if (parent == _root && args[0] == "help")
        {
            args = [.. args.Skip(1), "--help"];
        }

        var command = parent.Find(args[0]);
        if (command is null && !args[0].StartsWith('-'))
        {
            throw parent == _root
                ? new CliException($"{path}: unknown command: {path} {args[0]}\n\nRun '{path} --help' for more information")
                : new CliException(
                    $"{_context.ProgramName}: unknown command: {path} {args[0]}\n\nUsage:  {path}\n\nRun '{path} --help' for more information");
        }

        if (command is null)
        {
            command = parent;
        }
        else
        {
            path = $"{path} {command.Name}";
            args = args[1..];
        }

        if (command.Commands.Length > 0 && args.Count > 0 && command != parent)
        {
            return await DispatchAsync(command, path, args, cancellationToken);
        }

        if (command.RawArguments)
        {
            return await command.RunAsync!([.. args], cancellationToken);
        }

        return Run(command, path, args);
    }

    private int Run(Command command, string path, List<string> args)
    {
        var flags = command.DeclareFlags();
        List<string> rest;
        try
        {
            rest = flags.Parse(args.ToArray(), command.Interspersed);
        }
        catch (FormatException error)
        {
            throw new CliException($"{error.Message}\n\nUsage:  {UseLine(path, command)}\n\nRun '{path} --help' for more information", 125);
        }

        if (flags.HelpAsked)
        {
            HelpWriter.Write(_context.Out, path, command, flags, _context.Width);
            return 0;
        }

        if (command.Run is null)
        {
            // A group alone: help, on standard error as Docker does.
            HelpWriter.Write(_context.Error, path, command, flags, _context.Width);
            return 0;
        }

        if (command.Arguments.Complaint(rest.Count) is { } complaint)
        {
            var hint = command.Arguments.Max == int.MaxValue ? "See" : "Run";
            throw new CliException(
                $"{_context.ProgramName}: '{path}' {complaint}\n\nUsage:  {UseLine(path, command)}\n\n{hint} '{path} --help' for more information");
        }

        return command.Run(new Invocation(_context, command, path, flags, rest));
    }
}
