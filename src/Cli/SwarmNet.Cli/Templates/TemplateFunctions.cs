using System.Globalization;
using System.Text;

namespace SwarmNet.Cli.Templates;

/// <summary>The functions of a format: text/template's own and those that Docker adds (json, split, join, title, lower, upper, pad, truncate).</summary>
internal static class TemplateFunctions
{
    private static readonly HashSet<string> s_names = new(StringComparer.Ordinal)
    {
        "and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "index", "len", "slice", "print", "printf", "println",
        "json", "split", "join", "title", "lower", "upper", "pad", "truncate", "call", "html", "js", "urlquery",
    };

    public static bool Exists(string name) => s_names.Contains(name);

    public static object? Call(string name, IReadOnlyList<object?> args)
    {
        switch (name)
        {
            case "json":
                return TemplateValue.ToJson(One(name, args));
            case "len":
                return TemplateValue.Length(One(name, args));
            case "not":
                return !TemplateValue.IsTrue(One(name, args));
            case "and":
                return args.FirstOrDefault(arg => !TemplateValue.IsTrue(arg), args[^1]);
            case "or":
                return args.FirstOrDefault(TemplateValue.IsTrue, args[^1]);
            case "eq":
                return args.Skip(1).Any(arg => TemplateValue.AreEqual(args[0], arg));
            case "ne":
                return !TemplateValue.AreEqual(args[0], At(name, args, 1));
            case "lt" or "le" or "gt" or "ge":
                var order = TemplateValue.Compare(args[0], At(name, args, 1))
                    ?? throw new TemplateException($"error calling {name}: incompatible types for comparison");
                return name switch { "lt" => order < 0, "le" => order <= 0, "gt" => order > 0, _ => order >= 0 };
            case "index":
                return args.Skip(1).Aggregate(args[0], TemplateValue.Index);
            case "slice":
                var text = Text(args[0]);
                var from = args.Count > 1 ? (int)Number(name, args[1]) : 0;
                var to = args.Count > 2 ? (int)Number(name, args[2]) : text.Length;
                return from >= 0 && from <= to && to <= text.Length
                    ? text[from..to]
                    : throw new TemplateException($"error calling slice: index out of range: {to}");
            case "lower":
                return Text(One(name, args)).ToLowerInvariant();
            case "upper":
                return Text(One(name, args)).ToUpperInvariant();
            case "title":
                return Title(Text(One(name, args)));
            case "split":
                return Text(args[0]).Split(Text(At(name, args, 1)));
            case "join":
                return string.Join(Text(At(name, args, 1)), Items(args[0]).Select(TemplateValue.Print));
            case "pad":
                return new string(' ', (int)Number(name, At(name, args, 1))) + Text(args[0]) + new string(' ', (int)Number(name, At(name, args, 2)));
            case "truncate":
                var full = Text(args[0]);
                var length = (int)Number(name, At(name, args, 1));
                return full.Length <= length ? full : full[..length];
            case "print":
                return Print(args);
            case "println":
                return string.Join(' ', args.Select(TemplateValue.Print)) + "\n";
            case "printf":
                return Format(Text(args[0]), args);
            default:
                throw new TemplateException($"error calling {name}: the function is not supported in a format");
        }
    }

    /// <summary>What range goes over: elements of a list, values of an object by sorted key.</summary>
    public static IEnumerable<(object? Key, object? Value)> Enumerate(object? value)
    {
        switch (value)
        {
            case JsonField { Element.ValueKind: System.Text.Json.JsonValueKind.Object } map:
                foreach (var property in map.Element.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
                {
                    yield return (property.Name, JsonField.Unwrap("", property.Value));
                }

                break;
            case null or JsonField { IsMissing: true }:
                break;
            default:
                var index = 0L;
                foreach (var item in Items(value))
                {
                    yield return (index++, item);
                }

                break;
        }
    }

    private static IEnumerable<object?> Items(object? value) => value switch
    {
        JsonField { Element.ValueKind: System.Text.Json.JsonValueKind.Array } list => list.Element.EnumerateArray().Select(item => JsonField.Unwrap("", item)),
        IReadOnlyList<string> list => list,
        null or JsonField { IsMissing: true } => [],
        _ => throw new TemplateException($"range can't iterate over {TemplateValue.Print(value)}"),
    };

    private static object? One(string name, IReadOnlyList<object?> args) =>
        args.Count == 1 ? args[0] : throw new TemplateException($"wrong number of args for {name}: want 1 got {args.Count}");

    private static object? At(string name, IReadOnlyList<object?> args, int at) =>
        at < args.Count ? args[at] : throw new TemplateException($"wrong number of args for {name}: want {at + 1} got {args.Count}");

    private static string Text(object? value) => value is JsonField { IsMissing: true } or null ? "" : TemplateValue.Print(value);

    private static long Number(string name, object? value) =>
        value is long number ? number : throw new TemplateException($"error calling {name}: {TemplateValue.Print(value)} is not an integer");

    private static string Title(string text)
    {
        var result = new StringBuilder(text);
        for (var i = 0; i < result.Length; i++)
        {
            if (i == 0 || result[i - 1] == ' ')
            {
                result[i] = char.ToUpperInvariant(result[i]);
            }
        }

        return result.ToString();
    }

    private static string Print(IReadOnlyList<object?> args)
    {
        var result = new StringBuilder();
        for (var i = 0; i < args.Count; i++)
        {
            // fmt.Print puts a blank between operands when neither is a string.
            if (i > 0 && args[i] is not string && args[i - 1] is not string)
            {
                result.Append(' ');
            }

            result.Append(TemplateValue.Print(args[i]));
        }

        return result.ToString();
    }

    private static string Format(string format, IReadOnlyList<object?> args)
    {
        var result = new StringBuilder();
        var next = 1;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                result.Append(format[i]);
                continue;
            }

            var start = ++i;
            while (i < format.Length && (format[i] is '-' or '+' or '.' or '#' || char.IsAsciiDigit(format[i])))
            {
                i++;
            }

            if (i >= format.Length)
            {
                result.Append("%!(NOVERB)");
                break;
            }

            if (format[i] == '%')
            {
                result.Append('%');
                continue;
            }

            if (next >= args.Count)
            {
                result.Append("%!").Append(format[i]).Append("(MISSING)");
                continue;
            }

            result.Append(FormatOne(format[start..i], format[i], args[next++]));
        }

        return result.ToString();
    }

    private static string FormatOne(string flags, char verb, object? value)
    {
        var left = flags.StartsWith('-');
        var numbers = flags.TrimStart('-', '+', '#').Split('.');
        var zero = numbers[0].StartsWith('0');
        _ = int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var width);
        var precision = numbers.Length > 1 && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out var digits) ? digits : -1;
        var text = verb switch
        {
            'q' => Formatting.GoText.Quote(TemplateValue.Print(value)),
            'x' when value is long number => number.ToString("x", CultureInfo.InvariantCulture),
            'X' when value is long number => number.ToString("X", CultureInfo.InvariantCulture),
            'f' when value is double or long =>
                Convert.ToDouble(value, CultureInfo.InvariantCulture).ToString("F" + (precision < 0 ? 6 : precision), CultureInfo.InvariantCulture),
            'd' when value is string => $"%!d(string={value})",
            _ => TemplateValue.Print(value),
        };
        if (verb is 's' or 'v' && precision >= 0 && text.Length > precision)
        {
            text = text[..precision];
        }

        return left ? text.PadRight(width) : text.PadLeft(width, zero && verb is 'd' or 'x' or 'f' ? '0' : ' ');
    }
}
