using System.Text.Json;
using System.Text.Json.Nodes;

namespace SwarmNet.Cli.Specs;

/// <summary>Short ways through JSON objects of the API.</summary>
internal static class JsonNodeExtensions
{
    /// <summary>The object under a name, made when absent.</summary>
    public static JsonObject Child(this JsonObject parent, string name)
    {
        if (parent[name] is JsonObject child)
        {
            return child;
        }

        var created = new JsonObject();
        parent[name] = created;
        return created;
    }

    /// <summary>The array under a name, made when absent.</summary>
    public static JsonArray List(this JsonObject parent, string name)
    {
        if (parent[name] is JsonArray list)
        {
            return list;
        }

        var created = new JsonArray();
        parent[name] = created;
        return created;
    }

    /// <summary>Puts an array under a name, or removes the name when there is nothing in it.</summary>
    public static void SetList(this JsonObject parent, string name, IEnumerable<JsonNode?> items)
    {
        var list = items.Select(item => item?.DeepClone()).ToArray();
        if (list.Length == 0)
        {
            parent.Remove(name);
        }
        else
        {
            parent[name] = new JsonArray(list);
        }
    }

    public static IEnumerable<string> Strings(this JsonNode? node) =>
        node is JsonArray list ? list.Select(item => (string?)item ?? "") : [];

    public static JsonObject ToNode(this JsonElement element) => JsonNode.Parse(element.GetRawText())!.AsObject();

    /// <summary>Follows names down; an undefined element when one is missing.</summary>
    public static JsonElement At(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return default;
            }
        }

        return element;
    }

    public static bool Exists(this JsonElement element) => element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public static string Text(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.At(path) is { ValueKind: JsonValueKind.String } found ? found.GetString()! : "";

    public static long Number(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.At(path) is { ValueKind: JsonValueKind.Number } found ? found.TryGetInt64(out var value) ? value : (long)found.GetDouble() : 0;

    public static bool IsTrue(this JsonElement element, params ReadOnlySpan<string> path) => element.At(path).ValueKind == JsonValueKind.True;

    public static DateTimeOffset Time(this JsonElement element, params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(element.Text(path), System.Globalization.CultureInfo.InvariantCulture, out var time) ? time : default;

    public static IEnumerable<JsonElement> Items(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.At(path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    public static IEnumerable<JsonProperty> Properties(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.At(path) is { ValueKind: JsonValueKind.Object } map ? map.EnumerateObject() : [];
}
