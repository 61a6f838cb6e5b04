using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Lab;

/// <summary>
/// <c>swarm lab …</c>: hosts made of namespaces on this machine, each with its own network, hostname, processes, state folder and daemon.
/// </summary>
internal static class LabCommand
{
    public static Command Command => new()
    {
        Use = "lab COMMAND",
        Short = "Hosts made of namespaces on this machine, to try a swarm",
        RawArguments = true,
        RunAsync = (args, _) => RunAsync(args, Console.Out, Console.Error),
    };

    private const string DefaultLab = "lab";

    private const string Usage = """
        Usage:  swarm lab COMMAND

        A lab is a set of hosts on this one machine: each has its own network, hostname, processes, state folder and swarm daemon,
        and all are connected by a switch. Nothing of it outlives "swarm lab down". Needs root.

        Commands:
          up        Start a lab: swarm lab up [--nodes 3] [--name NAME]
          exec      Run a command in a host: swarm lab exec [--name NAME] HOST [--] COMMAND [ARG...]
                    HOST is node1, node2, ... or "outside": a client that belongs to no host
          status    Show the hosts of a lab: swarm lab status [--name NAME]
          ls        List the labs of this machine
          logs      Print a daemon's log: swarm lab logs [--name NAME] [-f] HOST
          stop      Stop a host's daemon (its tasks go on): swarm lab stop [--name NAME] [--kill] HOST
                    --kill ends it with SIGKILL; --power-off ends the whole host at once
          start     Start a host's daemon again, and the host when it was powered off: swarm lab start [--name NAME] HOST
          down      End a lab and remove everything of it: swarm lab down [--name NAME | --all]

        Example:
          swarm lab up --nodes 3
          swarm lab exec node1 -- swarm init --advertise-addr eth0
          swarm lab exec node1 -- swarm node ls
          swarm lab down

        """;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        if (args.Length == 0 || args[0] is "--help" or "-h" or "help")
        {
            await output.WriteAsync(Usage).ConfigureAwait(false);
            return 0;
        }

        try
        {
            return args[0] == LabHost.Verb ? LabHost.Run(args[1..]) : await RunAsync(args[0], args[1..], output).ConfigureAwait(false);
        }
        catch (LabException e)
        {
            await error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return 1;
        }
    }

    private static async Task<int> RunAsync(string verb, string[] args, TextWriter output)
    {
        var options = LabOptions.Parse(verb, args);
        if (options.Help)
        {
            await output.WriteAsync(Usage).ConfigureAwait(false);
            return 0;
        }

        if (verb == "ls")
        {
            options.ExpectNoArguments(verb);
            LabView.List(output);
            return 0;
        }

        if (!string.Equals(Environment.UserName, "root", StringComparison.Ordinal) && verb is not "status")
        {
            throw new LabException($"swarm lab {verb} makes and enters namespaces: run it as root");
        }

        if (verb == "down" && options.All)
        {
            foreach (var lab in LabView.Names())
            {
                await LabTeardown.DownAsync(new LabPaths(lab)).ConfigureAwait(false);
                await output.WriteLineAsync($"lab \"{lab}\" is down").ConfigureAwait(false);
            }

            return 0;
        }

        var paths = new LabPaths(options.Name ?? DefaultLab);
        switch (verb)
        {
            case "up":
                options.ExpectNoArguments(verb);
                await LabSetup.UpAsync(paths, options.Nodes, output).ConfigureAwait(false);
                return 0;
            case "exec":
                return await LabEnter.ExecAsync(paths, options.Host(verb), options.Rest).ConfigureAwait(false);
            case "status":
                options.ExpectNoArguments(verb);
                LabView.Status(paths, output);
                return 0;
            case "logs":
                await LabView.LogsAsync(paths, options.Host(verb), options.Follow, output).ConfigureAwait(false);
                return 0;
            case "stop":
                await LabSetup.StopAsync(paths, options.Host(verb), options.Kill, options.PowerOff).ConfigureAwait(false);
                return 0;
            case "start":
                await LabSetup.StartAsync(paths, options.Host(verb)).ConfigureAwait(false);
                return 0;
            case "down":
                options.ExpectNoArguments(verb);
                await LabTeardown.DownAsync(paths).ConfigureAwait(false);
                await output.WriteLineAsync($"lab \"{paths.Lab}\" is down").ConfigureAwait(false);
                return 0;
            default:
                throw new LabException($"swarm lab has no command \"{verb}\" (see: swarm lab --help)");
        }
    }
}
