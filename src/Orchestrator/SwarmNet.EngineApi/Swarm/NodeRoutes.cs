using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Mapping;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>The routes under <c>/nodes</c>.</summary>
internal sealed class NodeRoutes(Func<ClusterAccess> cluster)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/nodes", ListAsync),
        new("GET", "/nodes/{id}", InspectAsync),
        new("DELETE", "/nodes/{id}", RemoveAsync),
        new("POST", "/nodes/{id}/update", UpdateAsync),
    ];

    private Task ListAsync(ApiRequest request)
    {
        var view = cluster().View;
        var filters = request.Filters().Allow("id", "name", "label", "node.label", "role", "membership");
        var nodes = view.Nodes.All.Where(node =>
            filters.IsPrefix("id", node.Id)
            && filters.IsPrefix("name", node.Description?.Hostname ?? "")
            && filters.Labels("label", node.Description?.Engine?.Labels ?? [])
            && filters.Labels("node.label", node.Spec?.Annotations?.Labels ?? [])
            && filters.Is("role", Words.Of(node.Spec?.DesiredRole ?? NodeRole.Worker))
            && filters.Is("membership", Words.Of(node.Spec?.Membership ?? NodeMembership.Accepted)));
        return request.WriteListAsync(nodes.OrderBy(node => node.Id, StringComparer.Ordinal), NodeJson.Write);
    }

    private Task InspectAsync(ApiRequest request)
    {
        var node = ObjectLookup.Node(cluster().View, request["id"]);
        return request.WriteJsonAsync(200, json => NodeJson.Write(json, node));
    }

    private async Task RemoveAsync(ApiRequest request)
    {
        var access = cluster();
        await access.Control.RemoveNodeAsync(ObjectLookup.Node(access.View, request["id"]).Id, request.QueryFlag("force"), request.Aborted);
        await request.WriteEmptyAsync(200);
    }

    private async Task UpdateAsync(ApiRequest request)
    {
        var body = await request.ReadObjectAsync("NodeSpec");
        var version = request.ObjectVersion("node");
        var access = cluster();
        var spec = NodeJson.ReadSpec(body);
        await access.Control.UpdateNodeAsync(ObjectLookup.Node(access.View, request["id"]).Id, version, spec, request.Aborted);
        await request.WriteEmptyAsync(200);
    }
}
