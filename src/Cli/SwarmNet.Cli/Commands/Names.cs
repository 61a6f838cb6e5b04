using SwarmNet.Cli.Specs;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary>Finds names for the IDs in task lists and logs, asking the engine once for each (Docker's idresolver).</summary>
internal sealed class Names
{
    private readonly Engine _client;
    private readonly bool _resolve;
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);

    public Names(Engine client, bool resolve)
    {
        _client = client;
        _resolve = resolve;
    }

    public string Node(string id) => Resolve(id, "nodes", node =>
        node.Text("Spec", "Name") is { Length: > 0 } name ? name : node.Text("Description", "Hostname") is { Length: > 0 } host ? host : id);

    public string Service(string id) => Resolve(id, "services", service => service.Text("Spec", "Name"));

    /// <summary>The network's name, or its ID when it is gone.</summary>
    public string Network(string id) => Resolve(id, "networks", network => network.Text("Name"));

    /// <summary>The task's slot; 0 for tasks of global services and tasks that are gone.</summary>
    public long TaskSlot(string id)
    {
        try
        {
            return _client.Get($"/tasks/{id}").Number("Slot");
        }
        catch (EngineException)
        {
            return 0;
        }
    }

    private string Resolve(string id, string kind, Func<Json, string> name)
    {
        if (!_resolve || id.Length == 0)
        {
            return id;
        }

        if (!_known.TryGetValue(id, out var known))
        {
            try
            {
                known = name(_client.Get(kind == "services" ? $"/services/{id}?insertDefaults=false" : $"/{kind}/{id}"));
            }
            catch (EngineException)
            {
                // Gone, or this node may not tell: the ID says as much.
                known = id;
            }

            _known[id] = known;
        }

        return known;
    }
}
