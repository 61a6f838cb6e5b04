using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>The routes under <c>/volumes</c>: the named volumes that this node's containers use.</summary>
internal sealed class VolumeRoutes(IContainerBackend? backend)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/volumes", ListAsync),
        new("GET", "/volumes/{name}", InspectAsync),
        new("POST", "/volumes/create", RefuseAsync),
        new("DELETE", "/volumes/{name}", RemoveAsync),
    ];

    private Dictionary<string, (Mount Mount, DateTimeOffset Created)> Volumes()
    {
        var volumes = new Dictionary<string, (Mount, DateTimeOffset)>(StringComparer.Ordinal);
        foreach (var container in backend?.List() ?? [])
        {
            foreach (var mount in container.Mounts.Where(mount => mount.Type == Mount.Types.MountType.Volume && mount.Source.Length > 0))
            {
                volumes.TryAdd(mount.Source, (mount, container.Created));
            }
        }

        return volumes;
    }

    private Task ListAsync(ApiRequest request)
    {
        var filters = request.Filters().Allow("name", "label", "driver", "dangling");
        var volumes = Volumes().Where(volume =>
            filters.Match("name", part => volume.Key.Contains(part, StringComparison.Ordinal))
            && filters.Is("driver", "local")
            && filters.Match("dangling", word => word is not ("true" or "1"))
            && filters.Labels("label", volume.Value.Mount.VolumeOptions?.Labels ?? []));
        return request.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.List("Volumes", volumes.OrderBy(volume => volume.Key, StringComparer.Ordinal), (json, volume) =>
                Write(json, volume.Key, volume.Value.Mount, volume.Value.Created));
            json.WriteNull("Warnings");
            json.WriteEndObject();
        });
    }

    private Task InspectAsync(ApiRequest request)
    {
        var name = request["name"];
        return Volumes().TryGetValue(name, out var volume)
            ? request.WriteJsonAsync(200, json => Write(json, name, volume.Mount, volume.Created))
            : throw new ApiException(404, $"get {name}: no such volume");
    }

    private Task RemoveAsync(ApiRequest request)
    {
        var name = request["name"];
        var user = (backend?.List() ?? []).FirstOrDefault(container => container.Mounts.Any(mount => mount.Source == name));
        throw user is null
            ? new ApiException(404, $"get {name}: no such volume")
            : new ApiException(409, $"remove {name}: volume is in use - [{user.Id}]");
    }

    private Task RefuseAsync(ApiRequest request) =>
        throw new ApiException(501, "this engine makes volumes when a service's task mounts them: use \"docker service create --mount\"");

    private static void Write(System.Text.Json.Utf8JsonWriter json, string name, Mount mount, DateTimeOffset created)
    {
        json.WriteStartObject();
        json.WriteString("CreatedAt", GoTime.Format(created));
        json.WriteString("Driver", "local");
        json.MapOrNull("Labels", mount.VolumeOptions?.Labels ?? []);
        json.WriteString("Mountpoint", "");
        json.WriteString("Name", name);
        json.MapOrNull("Options", mount.VolumeOptions?.DriverConfig?.Options ?? []);
        json.WriteString("Scope", "local");
        json.WriteEndObject();
    }
}
