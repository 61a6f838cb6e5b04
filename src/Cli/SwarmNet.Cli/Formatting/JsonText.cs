using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SwarmNet.Cli.Formatting;

/// <summary>JSON text as Go's encoding/json writes it.</summary>
internal static class JsonText
{
    /// <summary>json.Indent: the tokens as they came, on lines of their own, four blanks per level.</summary>
    public static string Indent(string json)
    {
        var result = new StringBuilder(json.Length * 2);
        var depth = 0;
        var inString = false;
        for (var i = 0; i < json.Length; i++)
        {
            var c = json[i];
            if (inString)
            {
                result.Append(c);
                if (c == '\\')
                {
                    result.Append(json[++i]);
                }

                inString = c != '"';
                continue;
            }

            switch (c)
            {
                case ' ' or '\t' or '\r' or '\n':
                    break;
                case '"':
                    inString = true;
                    result.Append(c);
                    break;
                case '{' or '[':
                    result.Append(c);
                    if (NextToken(json, i + 1) is '}' or ']')
                    {
                        i = json.AsSpan(i + 1).IndexOfAny('}', ']') + i + 1;
                        result.Append(json[i]);
                    }
                    else
                    {
                        NewLine(result, ++depth);
                    }

                    break;
                case '}' or ']':
                    NewLine(result, --depth);
                    result.Append(c);
                    break;
                case ',':
                    result.Append(c);
                    NewLine(result, depth);
                    break;
                case ':':
                    result.Append(": ");
                    break;
                default:
                    result.Append(c);
                    break;
            }
        }

        return result.ToString();
    }

    /// <summary>Compact JSON of a value; <c>&lt;</c>, <c>&gt;</c> and <c>&amp;</c> escaped if asked for, as json.Marshal does.</summary>
    public static void Write(StringBuilder output, JsonElement value, bool escapeHtml)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                output.Append('{');
                var first = true;
                foreach (var property in value.EnumerateObject())
                {
                    if (!first)
                    {
                        output.Append(',');
                    }

                    first = false;
                    WriteString(output, property.Name, escapeHtml);
                    output.Append(':');
                    Write(output, property.Value, escapeHtml);
                }

                output.Append('}');
                break;
            case JsonValueKind.Array:
                output.Append('[');
                for (var i = 0; i < value.GetArrayLength(); i++)
                {
                    if (i > 0)
                    {
                        output.Append(',');
                    }

                    Write(output, value[i], escapeHtml);
                }

                output.Append(']');
                break;
            case JsonValueKind.String:
                WriteString(output, value.GetString()!, escapeHtml);
                break;
            case JsonValueKind.Undefined:
                output.Append("null");
                break;
            default:
                output.Append(value.GetRawText());
                break;
        }
    }

    public static void WriteString(StringBuilder output, string text, bool escapeHtml)
    {
        output.Append('"');
        foreach (var c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    output.Append('\\').Append(c);
                    break;
                case '\n':
                    output.Append("\\n");
                    break;
                case '\r':
                    output.Append("\\r");
                    break;
                case '\t':
                    output.Append("\\t");
                    break;
                case '\b':
                    output.Append("\\b");
                    break;
                case '\f':
                    output.Append("\\f");
                    break;
                case < ' ' or '\u2028' or '\u2029':
                case '<' or '>' or '&' when escapeHtml:
                    output.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    break;
                default:
                    output.Append(c);
                    break;
            }
        }

        output.Append('"');
    }

    private static void NewLine(StringBuilder output, int depth) => output.Append('\n').Append(' ', depth * 4);

    private static char NextToken(string json, int at)
    {
        while (at < json.Length && char.IsWhiteSpace(json[at]))
        {
            at++;
        }

        return at < json.Length ? json[at] : '\0';
    }
}
