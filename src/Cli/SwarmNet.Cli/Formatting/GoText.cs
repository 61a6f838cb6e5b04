using System.Globalization;
using System.Text;

namespace SwarmNet.Cli.Formatting;

/// <summary>Text as Go's strconv and fmt print it.</summary>
internal static class GoText
{
    /// <summary>strconv.Quote.</summary>
    public static string Quote(string text)
    {
        var result = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    result.Append('\\').Append(c);
                    break;
                case '\n':
                    result.Append("\\n");
                    break;
                case '\t':
                    result.Append("\\t");
                    break;
                case '\r':
                    result.Append("\\r");
                    break;
                case < ' ' or '\x7f':
                    result.Append("\\x").Append(((int)c).ToString("x2", CultureInfo.InvariantCulture));
                    break;
                default:
                    result.Append(c);
                    break;
            }
        }

        return result.Append('"').ToString();
    }

    /// <summary>A double as Go's %v prints it.</summary>
    public static string Float(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var magnitude = Math.Abs(value);
        if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e21))
        {
            text = value.ToString("0.################e+00", CultureInfo.InvariantCulture);
        }

        return text;
    }

    /// <summary>Cuts to a number of characters, the last of them an ellipsis (formatter.Ellipsis).</summary>
    public static string Ellipsis(string text, int maxRunes)
    {
        var runes = text.EnumerateRunes().ToArray();
        if (runes.Length <= maxRunes)
        {
            return text;
        }

        if (maxRunes <= 1)
        {
            return "…";
        }

        return string.Concat(runes.Take(maxRunes - 1)) + "…";
    }

    /// <summary>An ID cut to 12 characters (stringid.TruncateID).</summary>
    public static string ShortId(string id)
    {
        var colon = id.IndexOf(':', StringComparison.Ordinal);
        var bare = colon < 0 ? id : id[(colon + 1)..];
        return bare.Length > 12 ? bare[..12] : bare;
    }

    /// <summary>The first letter upper case, the rest lower (command.PrettyPrint of a state word).</summary>
    public static string Pretty(string word) => word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..].ToLowerInvariant();
}
