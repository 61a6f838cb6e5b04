using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Specs;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary>Names in a service's flags to the IDs that a spec carries.</summary>
internal sealed class ServiceReferences
{
    private readonly Engine _client;

    public ServiceReferences(Engine client) => _client = client;

    /// <summary>The ID of a cluster network, or of a node-local one that services may use (host, bridge).</summary>
    public string NetworkId(string name) => _client.Get($"/networks/{Query.Escape(name)}?scope=swarm").Text("Id");

    /// <summary>References with their IDs. <paramref name="prefix"/> is <c>Secret</c> or <c>Config</c>.</summary>
    public List<JsonNode> Resolve(string prefix, IEnumerable<FileReference> references)
    {
        var wanted = new List<FileReference>();
        foreach (var reference in references)
        {
            wanted.Add(wanted.Any(other => other.Target == reference.Target)
                ? throw new CliException($"duplicate {prefix.ToLowerInvariant()} target for {reference.Source} not allowed")
                : reference);
        }

        if (wanted.Count == 0)
        {
            return [];
        }

        var filters = new Filters();
        wanted.ForEach(reference => filters.Add("name", reference.Source));
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in _client.Get(filters.AppendTo($"/{prefix.ToLowerInvariant()}s")).Items())
        {
            ids[item.Text("Spec", "Name")] = item.Text("ID");
        }

        return
        [
            .. wanted.Select(reference => reference.ToSpec(
                prefix,
                ids.TryGetValue(reference.Source, out var id) ? id : throw new CliException($"{prefix.ToLowerInvariant()} not found: {reference.Source}"))),
        ];
    }
}
