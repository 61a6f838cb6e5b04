using System.Text.Json;
using SwarmNet.Agent.Executor;
using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Json;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>The routes under <c>/volumes</c>: the local volumes of this node.</summary>
internal sealed class VolumeRoutes(IContainerBackend? backend)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/volumes", ListAsync),
        new("GET", "/volumes/{name}", InspectAsync),
        new("POST", "/volumes/create", RefuseAsync),
        new("DELETE", "/volumes/{name}", RemoveAsync),
    ];

    private Task ListAsync(ApiRequest request)
    {
        var filters = request.Filters().Allow("name", "label", "driver", "dangling");
        var volumes = (backend?.ListVolumes() ?? []).Where(volume =>
            filters.Match("name", part => volume.Name.Contains(part, StringComparison.Ordinal))
            && filters.Is("driver", "local")
            && filters.Match("dangling", word => (word is "true" or "1") == (User(volume.Name) is null))
            && filters.Labels("label", volume.Labels));
        return request.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.List("Volumes", volumes, Write);
            json.WriteNull("Warnings");
            json.WriteEndObject();
        });
    }

    private Task InspectAsync(ApiRequest request)
    {
        var volume = Find(request["name"]);
        return request.WriteJsonAsync(200, json => Write(json, volume));
    }

    private Task RemoveAsync(ApiRequest request)
    {
        var volume = Find(request["name"]);
        throw User(volume.Name) is { } user
            ? new ApiException(409, $"remove {volume.Name}: volume is in use - [{user.Id}]")
            : new ApiException(501, $"remove {volume.Name}: this engine does not remove named volumes; its data is in {volume.Path}");
    }

    private static Task RefuseAsync(ApiRequest request) =>
        throw new ApiException(501, "this engine makes volumes when a service's task mounts them: use \"docker service create --mount\"");

    private VolumeRecord Find(string name) => (backend?.ListVolumes() ?? []).FirstOrDefault(volume => volume.Name == name)
        ?? throw new ApiException(404, $"get {name}: no such volume");

    private ContainerInfo? User(string name) =>
        (backend?.List() ?? []).FirstOrDefault(container => container.Mounts.Any(mount => mount.Source == name));

    private static void Write(Utf8JsonWriter json, VolumeRecord volume)
    {
        json.WriteStartObject();
        json.WriteString("CreatedAt", GoTime.Format(volume.Created));
        json.WriteString("Driver", "local");
        json.MapOrNull("Labels", volume.Labels);
        json.WriteString("Mountpoint", volume.Path);
        json.WriteString("Name", volume.Name);
        json.WriteNull("Options");
        json.WriteString("Scope", "local");
        json.WriteEndObject();
    }
}
