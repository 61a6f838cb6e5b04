using System.Text.Json;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands;

/// <summary>Labels of an object for lists.</summary>
internal static class Labels
{
    /// <summary><c>a=b,c=</c>, sorted by key.</summary>
    public static string Join(Json labels) => string.Join(',', ToDictionary(labels).Select(pair => $"{pair.Key}={pair.Value}"));

    public static SortedDictionary<string, string> ToDictionary(Json labels)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in labels.Properties())
        {
            result[label.Name] = label.Value.Text() ?? "";
        }

        return result;
    }
}
