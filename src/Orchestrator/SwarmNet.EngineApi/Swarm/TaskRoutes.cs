using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Mapping;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>The routes under <c>/tasks</c>.</summary>
internal sealed class TaskRoutes(Func<ClusterAccess> cluster)
{
    public IEnumerable<ApiRoute> All => [new("GET", "/tasks", ListAsync), new("GET", "/tasks/{id}", InspectAsync)];

    private Task InspectAsync(ApiRequest request)
    {
        var task = ObjectLookup.Task(cluster().View, request["id"]);
        return request.WriteJsonAsync(200, json => TaskJson.Write(json, task));
    }

    private Task ListAsync(ApiRequest request)
    {
        var view = cluster().View;
        var filters = request.Filters().Allow("id", "name", "label", "service", "node", "desired-state", "runtime", "_up-to-date");
        var services = filters.Values("service").Select(key => ObjectLookup.Service(view, key).Id).ToHashSet();
        var nodes = filters.Values("node").Select(key => ObjectLookup.Node(view, key).Id).ToHashSet();
        var states = filters.Values("desired-state")
            .Select(word => Words.ParseTaskState(word) ?? throw new ApiException(500, $"Invalid desired-state filter: '{word}'")).ToHashSet();
        var onlyCurrent = filters.Has("_up-to-date");
        var hasRuntime = filters.Has("runtime");
        var tasks = view.Tasks.All.Where(task =>
            filters.IsPrefix("id", task.Id)
            && filters.IsPrefix("name", TaskNames.Of(task))
            && filters.Labels("label", task.ServiceAnnotations?.Labels ?? [])
            && (services.Count == 0 || services.Contains(task.ServiceId))
            && (nodes.Count == 0 || nodes.Contains(task.NodeId))
            && (states.Count == 0 || states.Contains(task.DesiredState))
            && (hasRuntime ? filters.Is("runtime", Words.RuntimeOf(task.Spec)) : Words.RuntimeOf(task.Spec) != "attachment")
            && (!onlyCurrent || IsCurrent(view, task)));
        return request.WriteListAsync(tasks.OrderBy(task => task.Id, StringComparer.Ordinal), TaskJson.Write);
    }

    /// <summary>True when the task runs what its service now asks for (SwarmKit <c>IsTaskDirty</c>, negated).</summary>
    private static bool IsCurrent(StoreView view, SwarmTask task)
    {
        if (view.Services.Get(task.ServiceId) is not { } service)
        {
            return false;
        }

        if (task.SpecVersion is { } version && service.SpecVersion is { } wanted && version.Equals(wanted))
        {
            return true;
        }

        return Equals(task.Spec, service.Spec.Task) && Equals(task.Endpoint?.Spec, service.Spec.Endpoint);
    }
}
