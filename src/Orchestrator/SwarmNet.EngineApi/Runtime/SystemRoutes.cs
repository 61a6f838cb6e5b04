using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Swarm;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>What clients ask first: is somebody there, which version, what kind of engine.</summary>
internal sealed class SystemRoutes(EngineApiOptions options, Func<ClusterAccess?> cluster)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("HEAD", "/_ping", PingAsync),
        new("GET", "/_ping", PingAsync),
        new("GET", "/version", VersionAsync),
        new("GET", "/info", InfoAsync),
        new("GET", "/distribution/{name*}/json", DistributionAsync),
        new("POST", "/auth", AuthAsync),
        new("GET", "/plugins", PluginsAsync),
    ];

    private async Task PingAsync(ApiRequest request)
    {
        var response = request.Http.Response;
        response.Headers.CacheControl = "no-cache, no-store, must-revalidate";
        response.Headers.Pragma = "no-cache";
        response.Headers["Builder-Version"] = "1";
        response.Headers["Swarm"] = options.Node.Status.State switch
        {
            LocalNodeState.Active => cluster() is null ? "active/worker" : "active/manager",
            var state => state.ToString().ToLowerInvariant(),
        };
        response.ContentType = "text/plain; charset=utf-8";
        if (request.Http.Request.Method == "HEAD")
        {
            response.ContentLength = 0;
            return;
        }

        response.ContentLength = 2;
        await response.Body.WriteAsync("OK"u8.ToArray(), request.Aborted);
    }

    private Task VersionAsync(ApiRequest request) => request.WriteJsonAsync(200, json =>
    {
        var version = options.Engine.Version;
        json.WriteStartObject();
        json.WriteStartObject("Platform");
        json.WriteString("Name", "SwarmNet");
        json.WriteEndObject();
        json.WriteStartArray("Components");
        json.WriteStartObject();
        json.WriteString("Name", "Engine");
        json.WriteString("Version", version);
        json.WriteStartObject("Details");
        json.WriteString("ApiVersion", ApiVersion.Max.ToString());
        json.WriteString("Arch", MachineFacts.GoArchitecture);
        json.WriteString("Experimental", "false");
        json.WriteString("KernelVersion", MachineFacts.KernelVersion);
        json.WriteString("MinAPIVersion", ApiVersion.Min.ToString());
        json.WriteString("Os", "linux");
        json.WriteString("Runtime", $".NET {Environment.Version}");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("Version", version);
        json.WriteString("ApiVersion", ApiVersion.Max.ToString());
        json.WriteString("MinAPIVersion", ApiVersion.Min.ToString());
        json.WriteString("GitCommit", "");
        json.WriteString("GoVersion", "");
        json.WriteString("Os", "linux");
        json.WriteString("Arch", MachineFacts.GoArchitecture);
        json.WriteString("KernelVersion", MachineFacts.KernelVersion);
        json.WriteEndObject();
    });

    private Task InfoAsync(ApiRequest request)
    {
        var access = cluster();
        var containers = options.Containers?.List() ?? [];
        var images = options.Images?.List().Count ?? 0;
        return request.WriteJsonAsync(
            200, json => InfoJson.Write(json, options, access, containers, images, options.Events.ListenerCount));
    }

    // No registry client in this version: the text is what makes clients print their "could not be accessed" warning and go on.
    private Task DistributionAsync(ApiRequest request) => throw new ApiException(
        500, $"registry lookup of \"{request["name"]}\" is not available on this engine: images are loaded or imported, not pulled");

    private Task AuthAsync(ApiRequest request) => throw new ApiException(501, "this engine does not talk to registries");

    private Task PluginsAsync(ApiRequest request) => request.WriteListAsync(Array.Empty<string>(), (json, name) => json.WriteStringValue(name));
}
