using System.Globalization;
using System.Text;
using System.Text.Json;
using SwarmNet.Cli.Formatting;

namespace SwarmNet.Cli.Templates;

/// <summary>What templates do with values: truth, printing, lookup, order.</summary>
internal static class TemplateValue
{
    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool flag => flag,
        string text => text.Length > 0,
        long number => number != 0,
        double number => number != 0,
        IReadOnlyList<string> list => list.Count > 0,
        JsonField { Element.ValueKind: JsonValueKind.Array } field => field.Element.GetArrayLength() > 0,
        JsonField { Element.ValueKind: JsonValueKind.Object, IsMap: true } field => field.Element.EnumerateObject().Any(),
        JsonField field => !field.IsMissing,
        _ => true,
    };

    /// <summary>As Go's %v.</summary>
    public static string Print(object? value) => value switch
    {
        null => "<no value>",
        string text => text,
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => GoText.Float(number),
        GoTime time => PrettyTime.GoFormat(time.Rfc3339),
        IReadOnlyList<string> list => $"[{string.Join(' ', list)}]",
        JsonField field => PrintJson(field),
        TemplateRow row => "{" + string.Join(' ', row.Names.Select(name => Print(row[name]))) + "}",
        _ => value.ToString() ?? "",
    };

    public static string ToJson(object? value)
    {
        var result = new StringBuilder();
        WriteJson(result, value, escapeHtml: false);
        return result.ToString();
    }

    public static long Length(object? value) => value switch
    {
        string text => Encoding.UTF8.GetByteCount(text),
        IReadOnlyList<string> list => list.Count,
        JsonField { Element.ValueKind: JsonValueKind.Array } field => field.Element.GetArrayLength(),
        JsonField { Element.ValueKind: JsonValueKind.Object } field => field.Element.EnumerateObject().Count(),
        JsonField { IsMissing: true } => 0,
        _ => throw new TemplateException("error calling len: len of type " + (value is null ? "nil" : value is bool ? "bool" : "int")),
    };

    public static object? Index(object? of, object? key)
    {
        switch (of, key)
        {
            case (JsonField { Element.ValueKind: JsonValueKind.Array } list, long at):
                return at >= 0 && at < list.Element.GetArrayLength()
                    ? JsonField.Unwrap("", list.Element[(int)at])
                    : throw new TemplateException($"error calling index: index out of range: {at}");
            case (IReadOnlyList<string> list, long at):
                return at >= 0 && at < list.Count ? list[(int)at] : throw new TemplateException($"error calling index: index out of range: {at}");
            case (JsonField { Element.ValueKind: JsonValueKind.Object } map, string name):
                return map.Element.TryGetProperty(name, out var found) ? JsonField.Unwrap(name, found) : "";
            case (JsonField { IsMissing: true, IsMap: true }, string):
                return "";
            case (string text, long at):
                return at >= 0 && at < text.Length ? (long)text[(int)at] : throw new TemplateException($"error calling index: index out of range: {at}");
            default:
                throw new TemplateException($"error calling index: can't index item of type {(of is null or JsonField { IsMissing: true } ? "nil" : of.GetType().Name)}");
        }
    }

    public static int? Compare(object? a, object? b) => (a, b) switch
    {
        (long left, long right) => left.CompareTo(right),
        (double left, double right) => left.CompareTo(right),
        (long left, double right) => ((double)left).CompareTo(right),
        (double left, long right) => left.CompareTo((double)right),
        (string left, string right) => string.CompareOrdinal(left, right),
        _ => null,
    };

    public static bool AreEqual(object? a, object? b) => (a, b) switch
    {
        (null or JsonField { IsMissing: true }, null or JsonField { IsMissing: true }) => true,
        (null or JsonField { IsMissing: true }, string { Length: 0 }) or (string { Length: 0 }, null or JsonField { IsMissing: true }) => true,
        (null or JsonField { IsMissing: true }, false) or (false, null or JsonField { IsMissing: true }) => true,
        (null or JsonField { IsMissing: true }, 0L) or (0L, null or JsonField { IsMissing: true }) => true,
        (bool left, bool right) => left == right,
        _ => Compare(a, b) is { } order
            ? order == 0
            : throw new TemplateException("error calling eq: incompatible types for comparison"),
    };

    private static void WriteJson(StringBuilder output, object? value, bool escapeHtml)
    {
        switch (value)
        {
            case null:
                output.Append("null");
                break;
            case string text:
                JsonText.WriteString(output, text, escapeHtml);
                break;
            case GoTime time:
                JsonText.WriteString(output, time.Rfc3339, escapeHtml);
                break;
            case JsonField field:
                JsonText.Write(output, field.Element, escapeHtml);
                break;
            case IReadOnlyList<string> list:
                output.Append('[');
                for (var i = 0; i < list.Count; i++)
                {
                    output.Append(i > 0 ? "," : "");
                    JsonText.WriteString(output, list[i], escapeHtml);
                }

                output.Append(']');
                break;
            case TemplateRow row:
                // Docker marshals a row with json.Marshal, which escapes, inside an encoder that does not.
                output.Append('{');
                foreach (var name in row.Names)
                {
                    if (row.NotInJson.Contains(name))
                    {
                        continue;
                    }

                    output.Append(output[^1] == '{' ? "" : ",");
                    JsonText.WriteString(output, name, escapeHtml);
                    output.Append(':');
                    WriteJson(output, row[name], escapeHtml: true);
                }

                output.Append('}');
                break;
            default:
                output.Append(Print(value));
                break;
        }
    }

    private static string PrintJson(JsonField field)
    {
        switch (field.Element.ValueKind)
        {
            case JsonValueKind.Array:
                return "[" + string.Join(' ', field.Element.EnumerateArray().Select(item => Print(JsonField.Unwrap("", item, field.IsTyped)))) + "]";
            case JsonValueKind.Object when field.IsMap:
                var pairs = field.Element.EnumerateObject().OrderBy(item => item.Name, StringComparer.Ordinal)
                    .Select(item => $"{item.Name}:{Print(JsonField.Unwrap("", item.Value))}");
                return $"map[{string.Join(' ', pairs)}]";
            case JsonValueKind.Object:
                return "{" + string.Join(' ', field.Element.EnumerateObject().Select(item => Print(JsonField.Unwrap(item.Name, item.Value, field.IsTyped)))) + "}";
            default:
                // Absent: a nil pointer at the root, a zero value below it, an empty map where Go has a map.
                return field.IsMap ? "map[]" : field.IsRoot || field.Element.ValueKind == JsonValueKind.Null ? "<nil>" : "";
        }
    }
}
