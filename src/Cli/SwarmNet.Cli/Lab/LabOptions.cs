namespace SwarmNet.Cli.Lab;

/// <summary>Arguments of the lab's commands.</summary>
internal sealed class LabOptions
{
    private readonly List<string> _arguments = [];

    public string? Name { get; private set; }

    public int Nodes { get; private set; } = 3;

    public bool Follow { get; private set; }

    public bool Kill { get; private set; }

    public bool PowerOff { get; private set; }

    public bool All { get; private set; }

    public bool Help { get; private set; }

    /// <summary>The command after the host's name, taken as it is.</summary>
    public IReadOnlyList<string> Rest { get; private set; } = [];

    public static LabOptions Parse(string verb, string[] args)
    {
        var options = new LabOptions();
        for (var i = 0; i < args.Length; i++)
        {
            if (verb == "exec" && options._arguments.Count == 1)
            {
                options.Rest = args[(args[i] == "--" ? i + 1 : i)..];
                break;
            }

            var (flag, value) = args[i].StartsWith("--", StringComparison.Ordinal) && args[i].IndexOf('=', StringComparison.Ordinal) is var eq and > 0
                ? (args[i][..eq], args[i][(eq + 1)..])
                : (args[i], null);
            string Value() => value ?? (++i < args.Length ? args[i] : throw new LabException($"flag needs an argument: {flag}"));
            switch (flag)
            {
                case "--name":
                    options.Name = Value();
                    break;
                case "--nodes" when verb == "up":
                    options.Nodes = int.TryParse(Value(), out var n) && n is >= 1 and <= 99
                        ? n
                        : throw new LabException("--nodes takes a whole number from 1 to 99");
                    break;
                case "-f" or "--follow" when verb == "logs":
                    options.Follow = true;
                    break;
                case "--kill" when verb == "stop":
                    options.Kill = true;
                    break;
                case "--power-off" when verb == "stop":
                    options.PowerOff = true;
                    break;
                case "--all" when verb == "down":
                    options.All = true;
                    break;
                case "-h" or "--help":
                    options.Help = true;
                    break;
                default:
                    if (flag.StartsWith('-'))
                    {
                        throw new LabException($"swarm lab {verb} has no flag {flag} (see: swarm lab --help)");
                    }

                    options._arguments.Add(args[i]);
                    break;
            }
        }

        return options;
    }

    public string Host(string verb) => _arguments.Count == 1
        ? _arguments[0]
        : throw new LabException($"swarm lab {verb} takes one host's name, such as node1");

    public void ExpectNoArguments(string verb)
    {
        if (_arguments.Count > 0)
        {
            throw new LabException($"swarm lab {verb} takes no argument, but got \"{_arguments[0]}\" (a lab's name goes with --name)");
        }
    }
}
