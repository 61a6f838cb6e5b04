using System.Text.RegularExpressions;

namespace SwarmNet.Manager.Control;

/// <summary>
/// Finds the mistakes in a placeholder text (<c>{{.Service.Name}}</c>) that Docker refuses at creation: unclosed actions and fields
/// that do not exist. The node expands the text; functions are judged there.
/// </summary>
internal static partial class TemplateChecker
{
    /// <summary>Go's message for the first mistake, or null.</summary>
    public static string? Check(string text)
    {
        for (var open = text.IndexOf("{{", StringComparison.Ordinal); open >= 0;)
        {
            var close = text.IndexOf("}}", open + 2, StringComparison.Ordinal);
            if (close < 0)
            {
                return "template: expansion:1: unclosed action";
            }

            foreach (Match chain in FieldChain().Matches(WithoutStrings(text[(open + 2)..close])))
            {
                if (CheckChain(chain.Value) is { } error)
                {
                    var column = open + 2 + chain.Index;
                    return $"template: expansion:1:{column}: executing \"expansion\" at <{error.At}>: {error.Text}";
                }
            }

            open = text.IndexOf("{{", close + 2, StringComparison.Ordinal);
        }

        return null;
    }

    /// <summary>Go's <c>%q</c> for printable text.</summary>
    public static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\t", "\\t", StringComparison.Ordinal) + "\"";

    private static (string At, string Text)? CheckChain(string chain)
    {
        var type = "template.Context";
        var at = string.Empty;
        foreach (var field in chain[1..].Split('.'))
        {
            at += "." + field;
            if (FieldType(type, field) is not { } next)
            {
                return (at, $"can't evaluate field {field} in type {GoType(type)}");
            }

            // Below a map or a text everything is decided by data, at the node.
            if (next is "map" or "string")
            {
                return null;
            }

            type = next;
        }

        return null;
    }

    private static string? FieldType(string type, string field) => (type, field) switch
    {
        ("template.Context", "Service" or "Node" or "Task") => field,
        ("Service", "ID" or "Name") or ("Node", "ID" or "Hostname") or ("Task", "ID" or "Name" or "Slot") => "string",
        ("Service", "Labels") => "map",
        ("Node", "Platform") => "Platform",
        ("Platform", "Architecture" or "OS") => "string",
        _ => null,
    };

    private static string GoType(string type) => type switch
    {
        "Service" => "struct { ID string; Name string; Labels map[string]string }",
        "Node" => "struct { ID string; Hostname string; Platform template.Platform }",
        "Task" => "struct { ID string; Name string; Slot string }",
        "Platform" => "template.Platform",
        _ => "*" + type,
    };

    private static string WithoutStrings(string action) => QuotedText().Replace(action, match => new string(' ', match.Length));

    [GeneratedRegex(@"(?<![\w.)])\.[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")]
    private static partial Regex FieldChain();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`")]
    private static partial Regex QuotedText();
}
