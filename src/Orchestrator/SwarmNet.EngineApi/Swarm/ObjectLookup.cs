using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>Finds the object that a path names: by whole id, then by name, then by a prefix of the id.</summary>
internal static class ObjectLookup
{
    public static Service Service(StoreView view, string key) =>
        Find("service", key, view.Services.Get, () => One(view.Services.FindByName(key)), view.Services.All, service => service.Id);

    public static SwarmTask Task(StoreView view, string key) => Find(
        "task", key, view.Tasks.Get, () => [.. view.Tasks.All.Where(task => task.Annotations?.Name == key)], view.Tasks.All, task => task.Id);

    public static Secret Secret(StoreView view, string key) => Find(
        "secret", key, view.Secrets.Get, () => One(view.Secrets.FindByName(key)), view.Secrets.All.Where(secret => !secret.Internal), secret => secret.Id);

    public static Config Config(StoreView view, string key) =>
        Find("config", key, view.Configs.Get, () => One(view.Configs.FindByName(key)), view.Configs.All, config => config.Id);

    public static Network Network(StoreView view, string key) =>
        Find("network", key, view.Networks.Get, () => One(view.Networks.FindByName(key)), view.Networks.All, network => network.Id);

    /// <summary>A node, by id, host name or prefix of the id. Host names need not be unique.</summary>
    public static Node Node(StoreView view, string key) => Find(
        "node",
        key,
        view.Nodes.Get,
        () => [.. view.Nodes.All.Where(node => string.Equals(node.Description?.Hostname, key, StringComparison.OrdinalIgnoreCase))],
        view.Nodes.All,
        node => node.Id);

    private static T Find<T>(string kind, string key, Func<string, T?> byId, Func<IReadOnlyList<T>> byName, IEnumerable<T> all, Func<T, string> id)
        where T : class
    {
        if (byId(key) is { } exact)
        {
            return exact;
        }

        var named = byName();
        var found = named.Count > 0 ? named : [.. all.Where(item => id(item).StartsWith(key, StringComparison.Ordinal))];
        return found.Count switch
        {
            1 => found[0],
            0 => throw new ApiException(404, $"{kind} {key} not found"),
            var count => throw new ApiException(400, $"{kind} {key} is ambiguous ({count} matches found)"),
        };
    }

    private static T[] One<T>(T? item)
        where T : class => item is null ? [] : [item];
}
