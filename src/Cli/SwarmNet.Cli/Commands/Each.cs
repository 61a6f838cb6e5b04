using SwarmNet.Cli.CommandLine;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary>Does something for every argument, goes on after a refusal, and reports all refusals at the end.</summary>
internal static class Each
{
    /// <param name="invocation">The command.</param>
    /// <param name="action">What to do; its result is printed when it is not null.</param>
    /// <param name="decorate">Text of a refusal by argument; null for Docker's plain form.</param>
    public static int Run(Invocation invocation, Func<string, string?> action, Func<string, string, string>? decorate = null)
    {
        var errors = new List<string>();
        foreach (var argument in invocation.Args)
        {
            try
            {
                if (action(argument) is { } line)
                {
                    invocation.Out.WriteLine(line);
                }
            }
            catch (EngineException error)
            {
                var text = CommandRunner.Describe(error);
                errors.Add(decorate is null ? text : decorate(argument, text));
            }
            catch (CliException error)
            {
                errors.Add(error.Message);
            }
        }

        return errors.Count == 0 ? 0 : throw new CliException(string.Join('\n', errors));
    }
}
