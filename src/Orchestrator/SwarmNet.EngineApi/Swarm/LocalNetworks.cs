using System.Security.Cryptography;
using System.Text;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>The networks of this node alone: the predefined ones, and those that the node's data plane adds.</summary>
internal sealed class LocalNetworks
{
    private readonly LocalNetwork[] predefined;
    private readonly Func<IReadOnlyList<LocalNetwork>> dataPlane;

    /// <summary>Makes the list.</summary>
    /// <param name="engineId">This engine, so that ids differ between nodes.</param>
    /// <param name="created">When the engine started.</param>
    /// <param name="dataPlane">Networks of the data plane, for example the gateway bridge.</param>
    public LocalNetworks(string engineId, DateTimeOffset created, Func<IReadOnlyList<LocalNetwork>> dataPlane)
    {
        this.dataPlane = dataPlane;
        predefined = [.. new[] { ("none", "null"), ("host", "host") }.Select(entry => new LocalNetwork(
            Id(engineId, entry.Item1), entry.Item1, entry.Item2, created, "", "", new Dictionary<string, string>()))];
    }

    /// <summary>Names that no user network may have or be removed under.</summary>
    public static bool IsPredefined(string name) => name is "bridge" or "host" or "none" or "default";

    public IEnumerable<LocalNetwork> All => predefined.Concat(dataPlane());

    /// <summary>By id, name, or prefix of an id; null when there is none.</summary>
    public LocalNetwork? Find(string key) =>
        All.FirstOrDefault(network => network.Id == key)
        ?? All.FirstOrDefault(network => network.Name == key)
        ?? All.FirstOrDefault(network => key.Length > 0 && network.Id.StartsWith(key, StringComparison.Ordinal));

    private static string Id(string engineId, string name) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{engineId}/network/{name}")));
}
