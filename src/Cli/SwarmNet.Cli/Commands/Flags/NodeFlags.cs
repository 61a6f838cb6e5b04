using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Commands.Flags;

/// <summary>Flags of the node commands: names, defaults and help texts of Docker's CLI.</summary>
internal static class NodeFlags
{
    public static void Ls(FlagSet flags)
    {
        flags.Add("filter", "f", FlagKind.List, "filter", "Filter output based on conditions provided", check: FlagChecks.Filter);
        flags.Add("format", "", FlagKind.Text, "string", FlagTexts.ListFormat);
        flags.Bool("quiet", "q", "Only display IDs");
    }

    public static void Ps(FlagSet flags)
    {
        flags.Add("filter", "f", FlagKind.List, "filter", "Filter output based on conditions provided", check: FlagChecks.Filter);
        flags.Add("format", "", FlagKind.Text, "string", "Pretty-print tasks using a Go template");
        flags.Bool("no-resolve", "", "Do not map IDs to Names");
        flags.Bool("no-trunc", "", "Do not truncate output");
        flags.Bool("quiet", "q", "Only display task IDs");
    }

    public static void Inspect(FlagSet flags)
    {
        flags.Add("format", "f", FlagKind.Text, "string", FlagTexts.InspectFormat);
        flags.Bool("pretty", "", "Print the information in a human friendly format");
    }

    public static void Rm(FlagSet flags)
    {
        flags.Bool("force", "f", "Force remove a node from the swarm");
    }

    public static void Update(FlagSet flags)
    {
        flags.Add("availability", "", FlagKind.Text, "string", "Availability of the node (\"active\", \"pause\", \"drain\")");
        flags.Add("label-add", "", FlagKind.List, "list", "Add or update a node label (\"key=value\")");
        flags.Add("label-rm", "", FlagKind.List, "list", "Remove a node label if exists");
        flags.Add("role", "", FlagKind.Text, "string", "Role of the node (\"worker\", \"manager\")");
    }
}
