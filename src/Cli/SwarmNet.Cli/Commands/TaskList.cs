using System.Globalization;
using System.Text.Json;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;
using SwarmNet.Cli.Templates;

namespace SwarmNet.Cli.Commands;

/// <summary>The table of tasks that <c>service ps</c> and <c>node ps</c> print.</summary>
internal static class TaskList
{
    private const string Table = "{{.ID}}\t{{.Name}}\t{{.Image}}\t{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}\t{{.Error}}\t{{.Ports}}";
    private const int MaxErrorRunes = 30;

    private static readonly Dictionary<string, string> s_headers = new()
    {
        ["ID"] = "ID",
        ["Name"] = "NAME",
        ["Image"] = "IMAGE",
        ["Node"] = "NODE",
        ["DesiredState"] = "DESIRED STATE",
        ["CurrentState"] = "CURRENT STATE",
        ["Error"] = "ERROR",
        ["Ports"] = "PORTS",
    };

    public static void Write(Invocation invocation, IReadOnlyList<Json> tasks)
    {
        var flags = invocation.Flags;
        var names = new Names(invocation.Context.Client, !flags.IsSet("no-resolve"));
        // Quiet lists are for other commands: whole IDs.
        var truncate = !flags.IsSet("no-trunc") && !flags.IsSet("quiet");
        var format = flags.Text("format");
        var isTable = ListFormat.IsTable(format);
        if (flags.IsSet("quiet") && isTable)
        {
            format = "{{.ID}}";
            isTable = false;
        }

        var sorted = tasks.Select(task => (Task: task, Name: TaskName(task, names)))
            .OrderBy(item => item.Name, NaturalOrder.Instance)
            .ThenByDescending(item => item.Task.Text("CreatedAt"), NaturalOrder.Instance);
        var rows = new List<TemplateRow>();
        var previous = "";
        foreach (var (task, name) in sorted)
        {
            var shown = isTable && name == previous ? " \\_ " + name : name;
            previous = name;
            rows.Add(Row(invocation, task, shown, names.Node(task.Text("NodeID")), truncate));
        }

        ListFormat.Write(invocation, format, Table, s_headers, rows);
    }

    /// <summary>Service and slot, or service and node where tasks have no slot.</summary>
    private static string TaskName(Json task, Names names)
    {
        if (task.Text("Name") is { Length: > 0 } own)
        {
            return own;
        }

        var service = names.Service(task.Text("ServiceID"));
        var slot = task.Number("Slot");
        return slot != 0 ? string.Create(CultureInfo.InvariantCulture, $"{service}.{slot}") : $"{service}.{task.Text("NodeID")}";
    }

    private static TemplateRow Row(Invocation invocation, Json task, string name, string node, bool truncate)
    {
        var error = task.Text("Status", "Err");
        if (truncate)
        {
            error = GoText.Ellipsis(error, MaxErrorRunes);
        }

        var image = task.Text("Spec", "ContainerSpec", "Image");
        return new TemplateRow("*task.taskContext")
        {
            ["ID"] = truncate ? GoText.ShortId(task.Text("ID")) : task.Text("ID"),
            ["Name"] = name,
            ["Image"] = truncate ? ImageName.WithoutDigest(image) : image,
            ["Node"] = node,
            ["DesiredState"] = GoText.Pretty(task.Text("DesiredState")),
            ["CurrentState"] = GoText.Pretty(task.Text("Status", "State")) + " "
                + PrettyTime.Ago(task.Time("Status", "Timestamp"), invocation.Context.Time.GetUtcNow()).ToLowerInvariant(),
            ["Error"] = error.Length > 0 ? $"\"{error}\"" : "",
            ["Ports"] = string.Join(',', task.Items("Status", "PortStatus", "Ports").Select(port =>
                string.Create(CultureInfo.InvariantCulture, $"*:{port.Number("PublishedPort")}->{port.Number("TargetPort")}/{port.Text("Protocol")}"))),
        };
    }
}
