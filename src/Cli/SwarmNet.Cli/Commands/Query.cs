using System.Text;

namespace SwarmNet.Cli.Commands;

/// <summary>Parameters of a request, written in alphabetical order.</summary>
internal sealed class Query
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public int Count => _values.Count;

    public string this[string name]
    {
        get => _values[name];
        set => _values[name] = value;
    }

    /// <summary>Percent-encodes all but the unreserved characters of RFC 3986 §2.3.</summary>
    public static string Escape(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            var c = (char)value;
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~')
            {
                result.Append(c);
            }
            else
            {
                result.Append('%').Append(Hex(value >> 4)).Append(Hex(value & 15));
            }
        }

        return result.ToString();
    }

    public override string ToString()
    {
        var result = new StringBuilder();
        foreach (var name in _values.Keys.Order(StringComparer.Ordinal))
        {
            result.Append(result.Length > 0 ? "&" : "").Append(name).Append('=').Append(Escape(_values[name]));
        }

        return result.ToString();
    }

    private static char Hex(int digit) => "0123456789ABCDEF"[digit];
}
