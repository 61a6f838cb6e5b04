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
}
