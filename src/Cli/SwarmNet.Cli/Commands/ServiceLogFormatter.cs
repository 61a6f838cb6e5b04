using System.Globalization;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands;

/// <summary>Turns a line with details (<c>[time ]key=value,... text</c>) into <c>name.slot.id@node    | text</c>.</summary>
internal sealed class ServiceLogFormatter
{
    private const string NodeLabel = "com.docker.swarm.node.id";
    private const string ServiceLabel = "com.docker.swarm.service.id";
    private const string TaskLabel = "com.docker.swarm.task.id";

    private readonly FlagSet _flags;
    private readonly Names _names;
    private readonly int _slotDigits;
    private readonly Dictionary<string, string> _prefixes = new(StringComparer.Ordinal);

    public ServiceLogFormatter(FlagSet flags, Names names, int slotDigits)
    {
        _flags = flags;
        _names = names;
        _slotDigits = slotDigits;
    }

    public string Format(string line)
    {
        var timestamps = _flags.IsSet("timestamps");
        var time = "";
        if (timestamps)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0)
            {
                return line;
            }

            time = line[..(space + 1)];
            line = line[(space + 1)..];
        }

        var end = line.IndexOf(' ', StringComparison.Ordinal);
        var details = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in (end < 0 ? line : line[..end]).Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            details[Uri.UnescapeDataString(KeyValue.Cut(pair, out var value))] = Uri.UnescapeDataString(value ?? "");
        }

        var text = end < 0 ? "" : line[(end + 1)..];
        var (node, service, task) = (details.GetValueOrDefault(NodeLabel, ""), details.GetValueOrDefault(ServiceLabel, ""), details.GetValueOrDefault(TaskLabel, ""));
        details.Remove(NodeLabel);
        details.Remove(ServiceLabel);
        details.Remove(TaskLabel);
        var shown = _flags.IsSet("details") ? string.Join(',', details.Select(pair => $"{pair.Key}={pair.Value}")) + " " : "";
        return $"{time}{Prefix(node, service, task)}    | {shown}{text}";
    }

    private string Prefix(string node, string service, string task)
    {
        if (!_prefixes.TryGetValue(task, out var prefix))
        {
            _prefixes[task] = prefix = BuildPrefix(node, service, task);
        }

        return prefix;
    }

    private string BuildPrefix(string node, string service, string task)
    {
        var slot = _names.TaskSlot(task);
        var name = _names.Service(service);
        name = slot == 0 ? $"{name}.{node}" : string.Create(CultureInfo.InvariantCulture, $"{name}.{slot}");
        var padding = slot == 0 ? "" : new string(' ', Math.Max(0, _slotDigits - slot.ToString(CultureInfo.InvariantCulture).Length));
        if (!_flags.IsSet("no-task-ids"))
        {
            name += "." + (_flags.IsSet("no-trunc") ? task : GoText.ShortId(task));
        }

        return $"{name}@{_names.Node(node)}{padding}";
    }
}
