using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Logs;
using SwarmNet.Linux;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>The routes under <c>/containers</c>: the tasks of services that run on this node.</summary>
internal sealed class ContainerRoutes(IContainerBackend? backend, TimeProvider time)
{
    private readonly ExecRoutes exec = new(backend);

    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/containers/json", ListAsync),
        new("POST", "/containers/create", RefuseAsync),
        new("GET", "/containers/{id}/json", InspectAsync),
        new("GET", "/containers/{id}/logs", LogsAsync),
        new("POST", "/containers/{id}/start", RefuseAsync),
        new("POST", "/containers/{id}/restart", RefuseAsync),
        new("POST", "/containers/{id}/stop", StopAsync),
        new("POST", "/containers/{id}/kill", KillAsync),
        new("DELETE", "/containers/{id}", RemoveAsync),
        .. exec.All,
    ];

    /// <summary>The container that a path names: whole id, name, or prefix of an id. Throws the 404.</summary>
    public static ContainerInfo Find(IContainerBackend? backend, string key)
    {
        var all = backend?.List() ?? [];
        var name = key.TrimStart('/');
        if ((all.FirstOrDefault(container => container.Id == key) ?? all.FirstOrDefault(container => container.Name == name)) is { } exact)
        {
            return exact;
        }

        return all.Where(container => key.Length > 0 && container.Id.StartsWith(key, StringComparison.Ordinal)).Take(2).ToList() switch
        {
            [var one] => one,
            [] => throw new ApiException(404, $"No such container: {key}"),
            _ => throw new ApiException(400, $"Multiple IDs found with provided prefix: {key}"),
        };
    }

    private Task ListAsync(ApiRequest request)
    {
        var filters = request.Filters().Allow("id", "name", "label", "status", "ancestor", "health", "network", "exited", "is-task");
        var limit = int.TryParse(request.Query("limit"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked > 0 ? asked : int.MaxValue;
        var all = request.QueryFlag("all") || limit != int.MaxValue || filters.Has("status") || filters.Has("exited");
        var containers = (backend?.List() ?? []).Where(container =>
            (all || container.State == ContainerState.Running)
            && filters.IsPrefix("id", container.Id)
            && filters.Match("name", part => ("/" + container.Name).Contains(part, StringComparison.Ordinal))
            && filters.Labels("label", container.Labels)
            && filters.Is("status", ContainerJson.StateWord(container))
            && filters.Match("ancestor", image => container.Image == image || container.Image == image + ":latest" || container.ImageId.StartsWith(image, StringComparison.Ordinal))
            && filters.Is("health", container.Health.Length == 0 ? "none" : container.Health)
            && filters.Match("network", network => container.Networks.Any(attachment => attachment.Network.Id == network || attachment.Network.Spec.Annotations.Name == network))
            && filters.Match("exited", code => container.State == ContainerState.Exited && container.ExitCode.ToString(CultureInfo.InvariantCulture) == code)
            && filters.Match("is-task", word => (word is "true" or "1") == container.Labels.ContainsKey("com.docker.swarm.task.id")));
        var now = time.GetUtcNow();
        return request.WriteListAsync(containers.Take(limit), (json, container) => ContainerJson.WriteSummary(json, container, now));
    }

    private Task InspectAsync(ApiRequest request)
    {
        var container = Find(backend, request["id"]);
        return request.WriteJsonAsync(200, json => ContainerJson.Write(json, container));
    }

    private async Task LogsAsync(ApiRequest request)
    {
        var query = LogQuery.Of(request);
        var container = Find(backend, request["id"]);
        var isFramed = !container.HasTerminal;
        var body = await request.StartStreamAsync(LogStreamWriter.ContentType(request.Version, isFramed));
        var writer = new LogStreamWriter(body, query, isFramed);
        try
        {
            await foreach (var line in backend!.ReadLogsAsync(container.Id, query, request.Aborted))
            {
                await writer.WriteAsync(
                    line.IsError ? LogFrame.Stderr : LogFrame.Stdout, Timestamp.FromDateTimeOffset(line.Time), [], line.Line, request.Aborted);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            await writer.WriteErrorAsync(error.Message, request.Aborted);
        }
    }

    private async Task StopAsync(ApiRequest request)
    {
        var container = Find(backend, request["id"]);
        TimeSpan? grace = request.Query("t") switch
        {
            "" => null,
            var text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) =>
                seconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds),
            var text => throw new ApiException(400, $"strconv.Atoi: parsing \"{text}\": invalid syntax"),
        };
        if (container.State != ContainerState.Running)
        {
            await request.WriteEmptyAsync(304);
            return;
        }

        await backend!.StopAsync(container.Id, grace, request.Aborted);
        await request.WriteEmptyAsync(204);
    }

    private async Task KillAsync(ApiRequest request)
    {
        var container = Find(backend, request["id"]);
        var name = request.Query("signal");
        var signal = 9;
        if (name.Length > 0 && !SignalNames.TryParse(name, out signal))
        {
            throw new ApiException(400, $"invalid signal: {name}");
        }

        if (container.State != ContainerState.Running)
        {
            throw new ApiException(409, $"cannot kill container: {request["id"]}: container {container.Id} is not running");
        }

        await backend!.KillAsync(container.Id, signal, request.Aborted);
        await request.WriteEmptyAsync(204);
    }

    private async Task RemoveAsync(ApiRequest request)
    {
        var container = Find(backend, request["id"]);
        var force = request.QueryFlag("force");
        if (container.State == ContainerState.Running && !force)
        {
            throw new ApiException(
                409,
                $"cannot remove container \"/{container.Name}\": container is running: stop the container before removing or force remove");
        }

        await backend!.RemoveAsync(container.Id, force, request.Aborted);
        await request.WriteEmptyAsync(204);
    }

    private static Task RefuseAsync(ApiRequest request) => throw new ApiException(
        501, "this engine runs containers for services only: use \"docker service create\" or \"docker service update\"");
}
