using System.Text.Json;
using System.Text.Json.Nodes;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Session;

/// <summary>The known managers on disk: <c>&lt;state&gt;/state.json</c>, an array of <c>{"node_id", "addr"}</c> as Docker keeps it.</summary>
public static class RemoteManagersFile
{
    private const string Name = "state.json";

    /// <summary>Reads the file; empty when there is none, or it cannot be read: the node then needs an address from elsewhere.</summary>
    public static IReadOnlyList<Peer> Load(string stateDirectory)
    {
        try
        {
            var entries = JsonNode.Parse(File.ReadAllText(Path.Combine(stateDirectory, Name))) as JsonArray;
            return [.. (entries ?? []).OfType<JsonObject>()
                .Select(entry => new Peer { NodeId = Text(entry, "node_id"), Addr = Text(entry, "addr") })
                .Where(peer => peer.Addr.Length > 0)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    /// <summary>Replaces the file, whole.</summary>
    public static void Save(string stateDirectory, IEnumerable<Peer> managers)
    {
        var entries = new JsonArray([.. managers.Select(peer => (JsonNode)new JsonObject { ["node_id"] = peer.NodeId, ["addr"] = peer.Addr })]);
        Directory.CreateDirectory(stateDirectory);
        var file = Path.Combine(stateDirectory, Name);
        var aside = file + ".tmp";
        File.WriteAllText(aside, entries.ToJsonString());
        File.Move(aside, file, overwrite: true);
    }

    /// <summary>Forgets the managers: the node left the swarm.</summary>
    public static void Delete(string stateDirectory) => File.Delete(Path.Combine(stateDirectory, Name));

    private static string Text(JsonObject entry, string key) => entry[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
