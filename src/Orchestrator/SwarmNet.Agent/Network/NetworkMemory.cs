using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SwarmNet.Agent.Network;

/// <summary>
/// A folder that remembers what the network's kernel objects stand for, across restarts of the daemon but not of the host. Losing it costs a moment without
/// remote endpoints after a restart and nothing else, so nothing is flushed to the disk and what cannot be read counts as not there.
/// </summary>
internal sealed class NetworkMemory
{
    private const string NodeFile = "node.json";
    private const string NetworkPrefix = "net-";
    private readonly string _folder;

    public NetworkMemory(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    public RememberedNode Node => Load(Path.Combine(_folder, NodeFile), NetworkMemoryJson.Default.RememberedNode) ?? new RememberedNode();

    public IReadOnlyList<RememberedNetwork> Networks =>
        [.. Directory.GetFiles(_folder, NetworkPrefix + "*.json").Select(p => Load(p, NetworkMemoryJson.Default.RememberedNetwork)).OfType<RememberedNetwork>()];

    public void Save(RememberedNode node) => Save(Path.Combine(_folder, NodeFile), node, NetworkMemoryJson.Default.RememberedNode);

    public void Save(string networkId, RememberedNetwork network) => Save(PathOf(networkId), network, NetworkMemoryJson.Default.RememberedNetwork);

    public void Forget(string networkId) => File.Delete(PathOf(networkId));

    public void Clear()
    {
        foreach (var path in Directory.GetFiles(_folder))
        {
            File.Delete(path);
        }
    }

    private string PathOf(string networkId) => Path.Combine(_folder, $"{NetworkPrefix}{networkId}.json");

    private static void Save<T>(string path, T value, JsonTypeInfo<T> type)
    {
        var temporary = path + ".tmp";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(value, type));
        File.Move(temporary, path, overwrite: true);
    }

    private static T? Load<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }
}
