using System.Text.Json;
using SwarmNet.Agent.Images;
using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Json;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>The routes under <c>/images</c>: this node's images.</summary>
internal sealed class ImageRoutes(IImageStore? store, IContainerBackend? containers)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/images/json", ListAsync),
        new("POST", "/images/load", LoadAsync),
        new("POST", "/images/create", CreateAsync),
        new("GET", "/images/{name*}/json", InspectAsync),
        new("GET", "/images/{name*}/history", HistoryAsync),
        new("POST", "/images/{name*}/tag", TagAsync),
        new("DELETE", "/images/{name*}", RemoveAsync),
    ];

    private IImageStore Store => store ?? throw new ApiException(501, "this engine keeps no images");

    private Task ListAsync(ApiRequest request)
    {
        var filters = request.Filters().Allow("reference", "dangling", "label", "before", "since", "until");
        var before = Moment(filters, "before");
        var since = Moment(filters, "since");
        var images = Store.List().Where(image =>
            (before is null || image.Config.Created < before)
            && (since is null || image.Config.Created > since)
            && filters.Match("dangling", word => (word is "true" or "1") == (image.RepoTags.Count == 0))
            && filters.Match("reference", pattern => image.RepoTags.Any(tag => IsReference(tag, pattern)))
            && filters.Labels("label", image.Config.Config?.Labels ?? new Dictionary<string, string>()));
        return request.WriteListAsync(images, ImageJson.WriteSummary);
    }

    private Task InspectAsync(ApiRequest request)
    {
        var image = Store.Inspect(request["name"]);
        return request.WriteJsonAsync(200, json => ImageJson.Write(json, image));
    }

    private Task HistoryAsync(ApiRequest request)
    {
        var image = Store.Inspect(request["name"]);
        return request.WriteJsonAsync(200, json => ImageJson.WriteHistory(json, image));
    }

    private async Task LoadAsync(ApiRequest request)
    {
        var loaded = await Store.LoadAsync(request.UnlimitedBody(), request.Aborted);
        await WriteLinesAsync(request, loaded.Select(image => (Action<Utf8JsonWriter>)(json => json.WriteString(
            "stream", image.Reference is { } name ? $"Loaded image: {name}\n" : $"Loaded image ID: {image.Id}\n"))));
    }

    private async Task CreateAsync(ApiRequest request)
    {
        var source = request.Query("fromSrc");
        if (source.Length == 0)
        {
            throw new ApiException(
                501,
                $"this engine does not pull images: bring \"{request.Query("fromImage")}\" in with \"docker load\" or \"docker import\"");
        }

        if (source != "-")
        {
            throw new ApiException(501, $"this engine does not download from \"{source}\": send the archive itself");
        }

        var (repository, tag) = Split(request.Query("repo"), request.Query("tag"));
        var changes = request.Http.Request.Query["changes"].OfType<string>();
        var image = await Store.ImportAsync(
            request.UnlimitedBody(), repository, tag, changes, request.Query("message") is { Length: > 0 } message ? message : null, request.Aborted);
        await WriteLinesAsync(request, [json => json.WriteString("status", image.Id)]);
    }

    private async Task TagAsync(ApiRequest request)
    {
        var (repository, tag) = Split(request.Query("repo"), request.Query("tag"));
        await Store.TagAsync(request["name"], tag is null ? repository ?? "" : $"{repository}:{tag}", request.Aborted);
        await request.WriteEmptyAsync(201);
    }

    private async Task RemoveAsync(ApiRequest request)
    {
        var name = request["name"];
        var force = request.QueryFlag("force");
        var image = Store.Inspect(name);
        var isById = !image.RepoTags.Contains(name) && !image.RepoTags.Contains(name + ":latest");
        if ((isById || image.RepoTags.Count <= 1) && User(image.Id) is { } user && (!force || user.State == ContainerState.Running))
        {
            var isRunning = user.State == ContainerState.Running;
            var how = isRunning ? "cannot be forced" : "must be forced";
            throw new ApiException(
                409,
                isById
                    ? $"conflict: unable to delete {Short(image.Id)} ({how}) - image is being used by {(isRunning ? "running" : "stopped")} "
                        + $"container {Short(user.Id)}"
                    : $"conflict: unable to remove repository reference \"{name}\" ({how}) - container {Short(user.Id)} is using its "
                        + $"referenced image {Short(image.Id)}");
        }

        var removed = await Store.RemoveAsync(name, force, request.Aborted);
        await request.WriteListAsync(removed, static (json, line) =>
        {
            json.WriteStartObject();
            json.StringIfAny("Untagged", line.Untagged);
            json.StringIfAny("Deleted", line.Deleted);
            json.WriteEndObject();
        });
    }

    private ContainerInfo? User(string imageId) =>
        containers?.List().Where(container => container.ImageId == imageId).MaxBy(container => container.State == ContainerState.Running);

    private DateTimeOffset? Moment(ApiFilters filters, string key) => filters.Values(key) switch
    {
        [] => null,
        [var name] => Store.Inspect(name).Config.Created ?? DateTimeOffset.MinValue,
        _ => throw new ApiException(400, $"invalid filter '{key}'"),
    };

    private static async Task WriteLinesAsync(ApiRequest request, IEnumerable<Action<Utf8JsonWriter>> lines)
    {
        var body = await request.StartStreamAsync("application/json");
        foreach (var write in lines)
        {
            var line = new System.Buffers.ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(line, GoJsonWriter.Options))
            {
                json.WriteStartObject();
                write(json);
                json.WriteEndObject();
            }

            await body.WriteAsync(line.WrittenMemory, request.Aborted);
            await body.WriteAsync("\r\n"u8.ToArray(), request.Aborted);
        }
    }

    // "repo" may bring its own tag; null and null for an image without a name.
    private static (string? Repository, string? Tag) Split(string repository, string tag)
    {
        if (repository.Length == 0)
        {
            return (null, null);
        }

        var colon = repository.LastIndexOf(':');
        return tag.Length == 0 && colon > repository.LastIndexOf('/')
            ? (repository[..colon], repository[(colon + 1)..])
            : (repository, tag.Length == 0 ? null : tag);
    }

    // A pattern is a name, with or without tag, where * stands for anything but a slash.
    private static bool IsReference(string tag, string pattern)
    {
        var repository = tag[..tag.LastIndexOf(':')];
        return System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, tag, ignoreCase: false)
            || System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, repository, ignoreCase: false);
    }

    private static string Short(string id) => id.Replace("sha256:", "", StringComparison.Ordinal)[..12];
}
