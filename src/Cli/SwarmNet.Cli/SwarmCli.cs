using System.Text;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Commands;
using SwarmNet.Cli.Daemon;
using SwarmNet.Cli.Lab;

namespace SwarmNet.Cli;

/// <summary>The command line: what commands there are, and the process's streams for them.</summary>
internal static class SwarmCli
{
    /// <summary>Every top-level command. A new one is registered here and nowhere else.</summary>
    public static Command Root => new()
    {
        Use = "swarm",
        Short = "Docker-compatible swarm of containers, on .NET",
        Long = "A swarm of hosts that run containers: daemon, command line, and lab.\n\n"
            + "Commands have Docker's names and flags. The swarm commands also work\nwithout the word swarm: \"swarm init\" is \"docker swarm init\".",
        Example = "{0} daemon &\n{0} init --advertise-addr 10.0.0.1\n{0} service create --name web --replicas 3 --publish 8080:80 busybox httpd -f -p 80\n"
            + "{0} service ps web",
        Flags = GlobalFlags,
        Commands =
        [
            .. SwarmCommands.All,
            new Command { Use = "swarm", Short = "Manage Swarm", Commands = SwarmCommands.All },
            SwarmBackupCommands.Backup,
            SwarmBackupCommands.Restore,
            NodeCommands.Group,
            ServiceCommands.Group,
            NetworkCommands.Group,
            SecretCommands.SecretGroup,
            SecretCommands.ConfigGroup,
            VolumeCommands.Group,
            ContainerCommands.Group,
            ContainerCommands.Ps,
            ContainerCommands.Logs,
            ContainerCommands.Exec,
            ContainerCommands.Stop,
            ContainerCommands.Kill,
            ContainerCommands.Remove,
            ImageCommands.Group,
            ImageCommands.Images,
            ImageCommands.Load,
            ImageCommands.Import,
            ImageCommands.Pull,
            ImageCommands.Tag,
            ImageCommands.RemoveImage,
            SystemCommands.Group,
            SystemCommands.Info,
            SystemCommands.Version,
            SystemCommands.Events,
            SystemCommands.Inspect,
            // Commands that parse their own arguments and live long (the daemon, the lab) set RawArguments and RunAsync.
            DaemonCommand.Command,
            LabCommand.Command,
            CompletionCommands.Completion,
            CompletionCommands.Complete(() => Root),
        ],
    };

    public static async Task<int> RunAsync(string[] args)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 16 * 1024) { NewLine = "\n" };
        using var error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        var outputIsTerminal = !Console.IsOutputRedirected;
        using var context = new CliContext
        {
            Out = output,
            Error = error,
            OpenInput = Console.OpenStandardInput,
            OpenOutput = toError => toError ? Console.OpenStandardError() : Console.OpenStandardOutput(),
            Environment = Environment.GetEnvironmentVariable,
            OutputIsTerminal = outputIsTerminal,
            InputIsTerminal = !Console.IsInputRedirected,
            Width = TerminalWidth.OfInput(),
        };
        return await new CommandRunner(context, Root).RunAsync(args, CancellationToken.None);
    }

    private static void GlobalFlags(FlagSet flags)
    {
        flags.Bool("debug", "D", "Enable debug mode");
        flags.Add("host", "H", FlagKind.List, "list", "Daemon socket to connect to (default $SWARM_HOST, $DOCKER_HOST, or unix:///run/swarmnet/swarm.sock)");
        flags.Bool("version", "v", "Print version information and quit");
    }
}
