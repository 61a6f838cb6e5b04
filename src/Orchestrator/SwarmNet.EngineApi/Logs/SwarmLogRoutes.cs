using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Swarm;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Logs;

/// <summary>Logs of services and tasks, wherever in the swarm they run.</summary>
internal sealed class SwarmLogRoutes(Func<ClusterAccess> cluster, Func<ILogSource?> source)
{
    public IEnumerable<ApiRoute> All => [new("GET", "/services/{id}/logs", ServiceAsync), new("GET", "/tasks/{id}/logs", TaskAsync)];

    private Task ServiceAsync(ApiRequest request)
    {
        var query = LogQuery.Of(request);
        var service = ObjectLookup.Service(cluster().View, request["id"]);
        var selector = new LogSelector();
        selector.ServiceIds.Add(service.Id);
        return StreamAsync(request, query, selector, service.Spec.Task?.Container?.Tty == true);
    }

    private Task TaskAsync(ApiRequest request)
    {
        var query = LogQuery.Of(request);
        var task = ObjectLookup.Task(cluster().View, request["id"]);
        var selector = new LogSelector();
        selector.TaskIds.Add(task.Id);
        return StreamAsync(request, query, selector, task.Spec?.Container?.Tty == true);
    }

    private async Task StreamAsync(ApiRequest request, LogQuery query, LogSelector selector, bool isTerminal)
    {
        var logs = source() ?? throw new ApiException(503, SwarmTexts.Starting);
        var body = await request.StartStreamAsync(LogStreamWriter.ContentType(request.Version, !isTerminal));
        var writer = new LogStreamWriter(body, query, !isTerminal);
        try
        {
            await foreach (var message in logs.SubscribeAsync(selector, query.ToOptions(), request.Aborted))
            {
                var stream = message.Stream == LogStream.Stderr ? LogFrame.Stderr : LogFrame.Stdout;
                await writer.WriteAsync(stream, message.Timestamp, Attributes(message), message.Data.Memory, request.Aborted);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            await writer.WriteErrorAsync(error.Message, request.Aborted);
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Attributes(LogMessage message)
    {
        foreach (var attribute in message.Attrs)
        {
            yield return new(attribute.Key, attribute.Value);
        }

        yield return new("com.docker.swarm.node.id", message.Context?.NodeId ?? "");
        yield return new("com.docker.swarm.service.id", message.Context?.ServiceId ?? "");
        yield return new("com.docker.swarm.task.id", message.Context?.TaskId ?? "");
    }
}
