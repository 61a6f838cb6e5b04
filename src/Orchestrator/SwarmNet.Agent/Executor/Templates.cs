using System.Text;
using SwarmNet.Agent.Tasks;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Executor;

/// <summary>
/// Docker's placeholders in environment, hostname and mounts, for example <c>{{.Task.Slot}}</c> and
/// <c>{{index .Service.Labels "a"}}</c>: the part of Go's template language that has a use there (fields, <c>index</c>,
/// <c>join</c>, string literals).
/// </summary>
internal sealed class Templates
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, string> _serviceLabels;
    private readonly IReadOnlyDictionary<string, Func<string, string>> _functions;

    /// <summary>For the task on the node; <paramref name="functions"/> adds one-argument functions such as <c>env</c>.</summary>
    public Templates(SwarmTask task, NodeDescription node, IReadOnlyDictionary<string, Func<string, string>>? functions = null)
    {
        _serviceLabels = task.ServiceAnnotations?.Labels is { } labels ? new Dictionary<string, string>(labels) : [];
        _functions = functions ?? new Dictionary<string, Func<string, string>>();
        _fields[".Service.ID"] = task.ServiceId;
        _fields[".Service.Name"] = task.ServiceAnnotations?.Name ?? "";
        _fields[".Node.ID"] = task.NodeId;
        _fields[".Node.Hostname"] = node.Hostname;
        _fields[".Node.Platform.OS"] = node.Platform.Os;
        _fields[".Node.Platform.Architecture"] = node.Platform.Architecture;
        _fields[".Task.ID"] = task.Id;
        _fields[".Task.Name"] = ContainerName(task);
        _fields[".Task.Slot"] = task.Slot != 0 ? task.Slot.ToString() : task.NodeId;
    }

    /// <summary>The container's name: the task's, else service, slot or node, and task id.</summary>
    public static string ContainerName(SwarmTask task) => task.Annotations?.Name is { Length: > 0 } name ? name
        : $"{task.ServiceAnnotations?.Name}.{(task.Slot != 0 ? task.Slot.ToString() : task.NodeId)}.{task.Id}";

    /// <summary>The text with every placeholder filled in.</summary>
    /// <exception cref="TaskException">A placeholder that is unknown or not closed.</exception>
    public string Expand(string text)
    {
        var result = new StringBuilder();
        var rest = text;
        while (rest.IndexOf("{{", StringComparison.Ordinal) is var open and >= 0)
        {
            var close = rest.IndexOf("}}", open, StringComparison.Ordinal);
            if (close < 0)
            {
                throw new TaskException($"expanding \"{text}\" failed: unclosed action");
            }

            result.Append(rest, 0, open).Append(Evaluate(rest[(open + 2)..close].Trim(), text));
            rest = rest[(close + 2)..];
        }

        return result.Append(rest).ToString();
    }

    private string Evaluate(string action, string text)
    {
        var words = Words(action);
        return words switch
        {
            [var one] => Value(one, text),
            ["index", ".Service.Labels", var key] => _serviceLabels.TryGetValue(Value(key, text), out var label) ? label
                : throw new TaskException($"expanding \"{text}\" failed: the service has no label {key}"),
            ["join", var separator, .. var parts] => string.Join(Value(separator, text), parts.Select(p => Value(p, text))),
            [var name, var argument] when _functions.TryGetValue(name, out var function) => function(Value(argument, text)),
            [var name, ..] => throw new TaskException($"expanding \"{text}\" failed: function \"{name}\" not defined"),
            [] => throw new TaskException($"expanding \"{text}\" failed: missing value for command"),
        };
    }

    private string Value(string word, string text)
    {
        if (word is ['"', .., '"'] && word.Length >= 2)
        {
            return word[1..^1];
        }

        if (word.StartsWith(".Service.Labels.", StringComparison.Ordinal) && _serviceLabels.TryGetValue(word[".Service.Labels.".Length..], out var label))
        {
            return label;
        }

        return _fields.TryGetValue(word, out var value) ? value
            : throw new TaskException($"expanding \"{text}\" failed: can't evaluate field {word}");
    }

    private static List<string> Words(string action)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isQuoted = false;
        foreach (var c in action + " ")
        {
            if (c == '"')
            {
                isQuoted = !isQuoted;
            }

            if (c is ' ' or '\t' or '\n' && !isQuoted)
            {
                if (word.Length > 0)
                {
                    words.Add(word.ToString());
                }

                word.Clear();
                continue;
            }

            word.Append(c);
        }

        if (word.Length > 0)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}
