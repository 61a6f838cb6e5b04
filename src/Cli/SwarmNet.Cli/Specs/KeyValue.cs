using System.Text.Json.Nodes;

namespace SwarmNet.Cli.Specs;

/// <summary>Text of the form KEY=VALUE.</summary>
internal static class KeyValue
{
    /// <summary>Cuts at the first <c>=</c>; <paramref name="value"/> is null when there is none.</summary>
    public static string Cut(string text, out string? value)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        value = equals < 0 ? null : text[(equals + 1)..];
        return equals < 0 ? text : text[..equals];
    }

    /// <summary>An object of the pairs; a key without a value has the empty one. The last of equal keys wins.</summary>
    public static JsonObject ToObject(IEnumerable<string> pairs)
    {
        var result = new JsonObject();
        foreach (var pair in pairs)
        {
            result[Cut(pair, out var value)] = value ?? "";
        }

        return result;
    }
}
