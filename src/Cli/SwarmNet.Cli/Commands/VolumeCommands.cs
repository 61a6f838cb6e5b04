using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Commands.Flags;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;
using SwarmNet.Cli.Templates;

namespace SwarmNet.Cli.Commands;

/// <summary>Volumes of the node that is asked: <c>volume ...</c>.</summary>
internal static class VolumeCommands
{
    public static Command Group => new()
    {
        Use = "volume",
        Short = "Manage volumes",
        Commands =
        [
            new Command
            {
                Use = "create [OPTIONS] [VOLUME]", Short = "Create a volume", Arguments = ArgumentCount.Between(0, 1), Flags = CreateFlags, Run = Create,
            },
            new Command
            {
                Use = "inspect [OPTIONS] VOLUME [VOLUME...]", Short = "Display detailed information on one or more volumes",
                Arguments = ArgumentCount.AtLeast(1), Flags = VolumeFlags.Inspect, Complete = VolumeNames,
                Run = invocation => InspectFormat.Write(
                    invocation, invocation.Args, null, name => invocation.Context.Client.GetBytes($"/volumes/{Query.Escape(name)}")),
            },
            new Command
            {
                Use = "ls [OPTIONS]", Aliases = ["list"], Short = "List volumes", Arguments = ArgumentCount.None, Flags = ListFlags, Run = List,
            },
            new Command
            {
                Use = "rm [OPTIONS] VOLUME [VOLUME...]", Aliases = ["remove"], Short = "Remove one or more volumes", Arguments = ArgumentCount.AtLeast(1),
                Flags = VolumeFlags.Rm, Complete = VolumeNames,
                Run = invocation => Each.Run(invocation, name =>
                {
                    invocation.Context.Client.Delete($"/volumes/{Query.Escape(name)}{(invocation.Flags.IsSet("force") ? "?force=1" : "")}");
                    return name;
                }),
            },
        ],
    };

    private static IEnumerable<string> VolumeNames(CliContext context) => context.Client.Get("/volumes").Items("Volumes").Select(volume => volume.Text("Name"));

    // Cluster volumes (CSI) are not offered: their flags are left out.
    private static void CreateFlags(FlagSet flags)
    {
        flags.Add("driver", "d", FlagKind.Text, "string", "Specify volume driver name (default \"local\")", "local");
        flags.Add("label", "", FlagKind.List, "list", "Set metadata for a volume", check: FlagChecks.Label);
        flags.Add("opt", "o", FlagKind.Map, "map", "Set driver specific options (default map[])");
    }

    private static void ListFlags(FlagSet flags)
    {
        flags.Add("filter", "f", FlagKind.List, "filter", "Provide filter values (e.g. \"dangling=true\")", check: FlagChecks.Filter);
        flags.Add("format", "", FlagKind.Text, "string", FlagTexts.ListFormat);
        flags.Bool("quiet", "q", "Only display volume names");
    }

    private static int Create(Invocation invocation)
    {
        var flags = invocation.Flags;
        var created = invocation.Context.Client.Post("/volumes/create", new JsonObject
        {
            ["Name"] = invocation.Args.Count > 0 ? invocation.Args[0] : "",
            ["Driver"] = flags.Text("driver"),
            ["DriverOpts"] = KeyValue.ToObject(flags.List("opt")),
            ["Labels"] = KeyValue.ToObject(flags.List("label")),
        });
        invocation.Out.WriteLine(created.Text("Name"));
        return 0;
    }

    private static int List(Invocation invocation)
    {
        var flags = invocation.Flags;
        var format = flags.Text("format");
        var headers = new Dictionary<string, string>
        {
            ["Name"] = "VOLUME NAME",
            ["Driver"] = "DRIVER",
            ["Scope"] = "SCOPE",
            ["Mountpoint"] = "MOUNTPOINT",
            ["Labels"] = "LABELS",
        };
        var volumes = invocation.Context.Client.Get(Filters.FromFlag(flags).AppendTo("/volumes")).Items("Volumes")
            .OrderBy(volume => volume.Text("Name"), NaturalOrder.Instance);
        ListFormat.Write(
            invocation, flags.IsSet("quiet") && ListFormat.IsTable(format) ? "{{.Name}}" : format, "{{.Driver}}\t{{.Name}}", headers,
            volumes.Select(volume => new TemplateRow("*formatter.volumeContext")
            {
                ["Name"] = volume.Text("Name"),
                ["Driver"] = volume.Text("Driver"),
                ["Scope"] = volume.Text("Scope"),
                ["Mountpoint"] = volume.Text("Mountpoint"),
                ["Labels"] = Labels.Join(volume.At("Labels")),
                Labels = Labels.ToDictionary(volume.At("Labels")),
            }));
        return 0;
    }
}
