using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Commands.Flags;

/// <summary>Flags of the container commands: names, defaults and help texts of Docker's CLI.</summary>
internal static class ContainerFlags
{
    public static void Ps(FlagSet flags)
    {
        flags.Bool("all", "a", "Show all containers (default shows just running)");
        flags.Add("filter", "f", FlagKind.List, "filter", "Filter output based on conditions provided", check: FlagChecks.Filter);
        flags.Add("format", "", FlagKind.Text, "string", FlagTexts.ListFormat);
        flags.Add("last", "n", FlagKind.Int, "int", "Show n last created containers (includes all states) (default -1)", "-1");
        flags.Bool("latest", "l", "Show the latest created container (includes all states)");
        flags.Bool("no-trunc", "", "Don't truncate output");
        flags.Bool("quiet", "q", "Only display container IDs");
        flags.Bool("size", "s", "Display total file sizes");
    }

    public static void Logs(FlagSet flags)
    {
        flags.Bool("details", "", "Show extra details provided to logs");
        flags.Bool("follow", "f", "Follow log output");
        flags.Add(
            "since", "", FlagKind.Text, "string",
            "Show logs since timestamp (e.g. \"2013-01-02T13:23:37Z\") or relative (e.g. \"42m\" for 42 minutes)");
        flags.Add("tail", "n", FlagKind.Text, "string", "Number of lines to show from the end of the logs (default \"all\")", "all");
        flags.Bool("timestamps", "t", "Show timestamps");
        flags.Add(
            "until", "", FlagKind.Text, "string",
            "Show logs before a timestamp (e.g. \"2013-01-02T13:23:37Z\") or relative (e.g. \"42m\" for 42 minutes)");
    }

    public static void ContainerInspect(FlagSet flags)
    {
        flags.Add("format", "f", FlagKind.Text, "string", FlagTexts.InspectFormat);
        flags.Bool("size", "s", "Display total file sizes");
    }

    public static void Inspect(FlagSet flags)
    {
        flags.Add("format", "f", FlagKind.Text, "string", FlagTexts.InspectFormat);
        flags.Bool("size", "s", "Display total file sizes if the type is container");
        flags.Add("type", "", FlagKind.Text, "string", "Only inspect objects of the given type");
    }

    public static void Stop(FlagSet flags)
    {
        flags.Add("signal", "s", FlagKind.Text, "string", "Signal to send to the container");
        flags.Add("timeout", "t", FlagKind.Int, "int", "Seconds to wait before killing the container");
    }

    public static void Kill(FlagSet flags)
    {
        flags.Add("signal", "s", FlagKind.Text, "string", "Signal to send to the container");
    }

    public static void Exec(FlagSet flags)
    {
        flags.Bool("detach", "d", "Detached mode: run command in the background");
        flags.Add("env", "e", FlagKind.List, "list", "Set environment variables", check: FlagChecks.Environment);
        flags.Add("env-file", "", FlagKind.List, "list", "Read in a file of environment variables");
        flags.Bool("interactive", "i", "Keep STDIN open even if not attached");
        flags.Bool("privileged", "", "Give extended privileges to the command");
        flags.Bool("tty", "t", "Allocate a pseudo-TTY");
        flags.Add("user", "u", FlagKind.Text, "string", "Username or UID (format: \"<name|uid>[:<group|gid>]\")");
        flags.Add("workdir", "w", FlagKind.Text, "string", "Working directory inside the container");
    }

    public static void Rm(FlagSet flags)
    {
        flags.Bool("force", "f", "Force the removal of a running container (uses SIGKILL)");
        flags.Bool("link", "l", "Remove the specified link");
        flags.Bool("volumes", "v", "Remove anonymous volumes associated with the container");
    }
}
