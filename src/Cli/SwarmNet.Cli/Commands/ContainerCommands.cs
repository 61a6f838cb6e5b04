using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Commands.Flags;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;
using SwarmNet.Cli.Templates;

namespace SwarmNet.Cli.Commands;

/// <summary>Containers of the node that is asked: <c>ps</c>, <c>logs</c>, <c>exec</c>, <c>container ...</c>.</summary>
internal static class ContainerCommands
{
    private const string Table = "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";

    private static readonly Dictionary<string, string> s_headers = new()
    {
        ["ID"] = "CONTAINER ID",
        ["Image"] = "IMAGE",
        ["Command"] = "COMMAND",
        ["CreatedAt"] = "CREATED AT",
        ["RunningFor"] = "CREATED",
        ["Ports"] = "PORTS",
        ["State"] = "STATE",
        ["Status"] = "STATUS",
        ["Size"] = "SIZE",
        ["Names"] = "NAMES",
        ["Labels"] = "LABELS",
        ["Mounts"] = "MOUNTS",
        ["LocalVolumes"] = "LOCAL VOLUMES",
        ["Networks"] = "NETWORKS",
    };

    public static Command Group => new()
    {
        Use = "container",
        Short = "Manage containers",
        Commands =
        [
            Exec, Kill, Stop, Remove, Logs, Named("ls", Ps, ["list", "ps"]),
            new Command
            {
                Use = "inspect [OPTIONS] CONTAINER [CONTAINER...]", Short = "Display detailed information on one or more containers",
                Arguments = ArgumentCount.AtLeast(1), Flags = ContainerFlags.ContainerInspect, Complete = ContainerNames,
                Run = invocation => InspectFormat.Write(invocation, invocation.Args, null, name => invocation.Context.Client.GetBytes(
                    $"/containers/{Query.Escape(name)}/json{(invocation.Flags.IsSet("size") ? "?size=1" : "")}")),
            },
        ],
    };

    public static Command Ps => new()
    {
        Use = "ps [OPTIONS]",
        Short = "List containers",
        Arguments = ArgumentCount.None,
        Flags = ContainerFlags.Ps,
        Run = List,
        AliasPaths = ["container ls", "container list", "container ps", "ps"],
    };

    public static Command Logs => new()
    {
        Use = "logs [OPTIONS] CONTAINER",
        Short = "Fetch the logs of a container",
        Arguments = ArgumentCount.Exactly(1),
        Flags = ContainerFlags.Logs,
        Run = ShowLogs,
        AliasPaths = ["container logs", "logs"],
        Complete = ContainerNames,
    };

    public static Command Exec => new()
    {
        Use = "exec [OPTIONS] CONTAINER COMMAND [ARG...]",
        Short = "Execute a command in a running container",
        Arguments = ArgumentCount.AtLeast(2),
        Interspersed = false,
        Flags = ContainerFlags.Exec,
        Run = ContainerExec.Run,
        AliasPaths = ["container exec", "exec"],
        Complete = ContainerNames,
    };

    public static Command Stop => new()
    {
        Use = "stop [OPTIONS] CONTAINER [CONTAINER...]",
        Short = "Stop one or more running containers",
        Arguments = ArgumentCount.AtLeast(1),
        Flags = ContainerFlags.Stop,
        AliasPaths = ["container stop", "stop"],
        Complete = ContainerNames,
        Run = invocation => Each.Run(invocation, name =>
        {
            var query = new Query();
            if (invocation.Flags.Changed("timeout"))
            {
                query["t"] = invocation.Flags.Text("timeout");
            }

            if (invocation.Flags.Changed("signal"))
            {
                query["signal"] = invocation.Flags.Text("signal");
            }

            invocation.Context.Client.Post($"/containers/{Query.Escape(name)}/stop?{query}");
            return name;
        }),
    };

    public static Command Kill => new()
    {
        Use = "kill [OPTIONS] CONTAINER [CONTAINER...]",
        Short = "Kill one or more running containers",
        Arguments = ArgumentCount.AtLeast(1),
        Flags = ContainerFlags.Kill,
        AliasPaths = ["container kill", "kill"],
        Complete = ContainerNames,
        Run = invocation => Each.Run(invocation, name =>
        {
            var signal = invocation.Flags.Text("signal");
            invocation.Context.Client.Post($"/containers/{Query.Escape(name)}/kill{(signal.Length > 0 ? "?signal=" + Query.Escape(signal) : "")}");
            return name;
        }),
    };

    public static Command Remove => new()
    {
        Use = "rm [OPTIONS] CONTAINER [CONTAINER...]",
        Short = "Remove one or more containers",
        Arguments = ArgumentCount.AtLeast(1),
        Flags = ContainerFlags.Rm,
        AliasPaths = ["container rm", "container remove", "rm"],
        Complete = ContainerNames,
        Run = invocation => Each.Run(invocation, name =>
        {
            var flags = invocation.Flags;
            var query = string.Join('&', new[] { ("force", "force"), ("link", "link"), ("volumes", "v") }.Where(pair => flags.IsSet(pair.Item1)).Select(pair => pair.Item2 + "=1"));
            invocation.Context.Client.Delete($"/containers/{Query.Escape(name)}{(query.Length > 0 ? "?" + query : "")}");
            return name;
        }),
    };

    internal static IEnumerable<string> ContainerNames(CliContext context) =>
        context.Client.Get("/containers/json").Items().Select(NameOf).Where(name => name.Length > 0);

    private static Command Named(string name, Command command, string[] aliases) => new()
    {
        Use = name + command.Use[command.Name.Length..],
        Aliases = aliases,
        Short = command.Short,
        Arguments = command.Arguments,
        Flags = command.Flags,
        Run = command.Run,
        AliasPaths = command.AliasPaths,
    };

    private static int List(Invocation invocation)
    {
        var flags = invocation.Flags;
        var format = flags.Text("format");
        var size = flags.IsSet("size") || format.Contains(".Size", StringComparison.Ordinal);
        var query = new List<(string, string)>();
        var limit = flags.IsSet("latest") ? 1 : flags.Int("last");
        if (flags.IsSet("all"))
        {
            query.Add(("all", "1"));
        }

        if (limit > 0)
        {
            query.Add(("limit", limit.ToString(CultureInfo.InvariantCulture)));
        }

        if (size)
        {
            query.Add(("size", "1"));
        }

        var containers = invocation.Context.Client.Get(Filters.FromFlag(flags).AppendTo("/containers/json", query.ToArray())).Items();
        var truncate = !flags.IsSet("no-trunc");
        ListFormat.Write(
            invocation, flags.IsSet("quiet") && ListFormat.IsTable(format) ? "{{.ID}}" : format, flags.IsSet("size") ? Table + "\t{{.Size}}" : Table, s_headers,
            containers.Select(container => Row(invocation, container, truncate)));
        return 0;
    }

    private static string NameOf(Json container) =>
        string.Join(',', container.Items("Names").Select(name => name.Text().TrimStart('/')).Where(name => !name.Contains('/', StringComparison.Ordinal)));

    private static TemplateRow Row(Invocation invocation, Json container, bool truncate)
    {
        var command = container.Text("Command");
        var created = DateTimeOffset.FromUnixTimeSeconds(container.Number("Created"));
        var image = container.Text("Image");
        var row = new TemplateRow("*formatter.ContainerContext")
        {
            ["ID"] = truncate ? GoText.ShortId(container.Text("Id")) : container.Text("Id"),
            ["Image"] = image.Length == 0 ? "<no image>" : truncate ? ImageName.WithoutDigest(image) : image,
            ["Command"] = GoText.Quote(truncate ? GoText.Ellipsis(command, 20) : command),
            ["CreatedAt"] = created.ToString("yyyy-MM-dd HH:mm:ss +0000 UTC", CultureInfo.InvariantCulture),
            ["RunningFor"] = PrettyTime.Ago(created, invocation.Context.Time.GetUtcNow()),
            ["Platform"] = null,
            ["Ports"] = Ports(container.Items("Ports")),
            ["State"] = container.Text("State"),
            ["Status"] = container.Text("Status"),
            ["Size"] = Size(container),
            ["Names"] = NameOf(container),
            ["Labels"] = Labels.Join(container.At("Labels")),
            ["Mounts"] = string.Join(',', container.Items("Mounts").Select(mount => mount.Text("Name") is { Length: > 0 } name ? name : mount.Text("Source"))
                .Select(name => truncate ? GoText.Ellipsis(name, 15) : name)),
            ["LocalVolumes"] = container.Items("Mounts").Count(mount => mount.Text("Driver") == "local").ToString(CultureInfo.InvariantCulture),
            ["Networks"] = string.Join(',', container.Properties("NetworkSettings", "Networks").Select(network => network.Name)),
        };
        row.Labels = Labels.ToDictionary(container.At("Labels"));
        return row;
    }

    private static string Size(Json container)
    {
        var own = Humanize.Size(container.Number("SizeRw"), 3);
        var whole = container.Number("SizeRootFs");
        return whole > 0 ? $"{own} (virtual {Humanize.Size(whole, 3)})" : own;
    }

    private static string Ports(IEnumerable<Json> ports) => string.Join(", ", ports
        .OrderBy(port => port.Text("Type"), StringComparer.Ordinal).ThenBy(port => port.Number("PrivatePort")).ThenBy(port => port.Text("IP"), StringComparer.Ordinal)
        .Select(port =>
        {
            var inside = string.Create(CultureInfo.InvariantCulture, $"{port.Number("PrivatePort")}/{port.Text("Type")}");
            var ip = port.Text("IP");
            return port.Number("PublicPort") == 0 ? inside
                : string.Create(CultureInfo.InvariantCulture, $"{(ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip)}:{port.Number("PublicPort")}->{inside}");
        }));

    private static int ShowLogs(Invocation invocation)
    {
        var flags = invocation.Flags;
        var client = invocation.Context.Client;
        var path = $"/containers/{Query.Escape(invocation.Args[0])}";
        var tty = client.Get(path + "/json").IsTrue("Config", "Tty");
        var query = new Query() { ["stderr"] = "1", ["stdout"] = "1", ["tail"] = flags.Text("tail") };
        LogStream.AddCommon(query, flags, invocation.Context.Time);
        if (flags.IsSet("details"))
        {
            query["details"] = "1";
        }

        if (flags.Text("until").Length > 0)
        {
            query["until"] = LogStream.Timestamp(flags.Text("until"), invocation.Context.Time);
        }

        using var response = client.Send("GET", $"{path}/logs?{query}");
        invocation.Context.Flush();
        if (tty)
        {
            using var output = invocation.Context.OpenOutput(false);
            response.Body.CopyTo(output);
        }
        else
        {
            LogStream.Copy(response.Body, invocation.Context, null);
        }

        return 0;
    }
}
