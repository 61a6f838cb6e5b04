using System.Runtime.CompilerServices;
using SwarmNet.Agent.Executor;
using SwarmNet.Agent.Tasks;
using SwarmNet.EngineApi.Logs;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>The containers of the embedded runtime, offered to the API.</summary>
/// <param name="current">The runtime of the moment; null while the node is in no swarm, and so has no containers.</param>
public sealed class OciContainerBackend(Func<OciExecutor?> current) : IContainerBackend
{
    /// <inheritdoc/>
    public IReadOnlyList<ContainerInfo> List() => [.. current()?.Containers.List().Select(Show) ?? []];

    /// <inheritdoc/>
    public IReadOnlyList<VolumeRecord> ListVolumes() => current()?.Volumes.List() ?? [];

    /// <inheritdoc/>
    public async IAsyncEnumerable<ContainerLogLine> ReadLogsAsync(
        string id, LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = new ContainerLogQuery
        {
            Output = query.Stdout,
            Error = query.Stderr,
            Follow = query.Follow,
            Since = query.Since?.ToDateTimeOffset(),
            Tail = query.Tail is { } lines ? (int)Math.Min(int.MaxValue, lines) : null,
        };
        var until = query.Until?.ToDateTimeOffset() ?? DateTimeOffset.MaxValue;
        await foreach (var entry in Known(executor => executor.ReadLogAsync(id, wanted, cancellationToken)))
        {
            if (entry.Time > until)
            {
                yield break;
            }

            yield return new ContainerLogLine(entry.IsError, entry.Time, entry.Line);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(string id, TimeSpan? grace, CancellationToken cancellationToken) =>
        Known(executor => executor.StopAsync(id, grace, cancellationToken));

    /// <inheritdoc/>
    public Task KillAsync(string id, int signal, CancellationToken cancellationToken) => Known(executor => executor.Kill(id, signal))
        ? Task.CompletedTask
        : throw new ApiException(409, $"cannot kill container: {id}: container {id} is not running");

    /// <inheritdoc/>
    public Task RemoveAsync(string id, bool force, CancellationToken cancellationToken) => throw new ApiException(
        501, $"container {id} is a task of the swarm, which removes it: \"docker kill\" has the task replaced, \"docker service rm\" removes all");

    /// <inheritdoc/>
    public async Task<IExecProcess> StartExecAsync(string id, ExecRequest request, CancellationToken cancellationToken)
    {
        if (request.HasTerminal)
        {
            throw new ApiException(501, "a terminal is not supported for exec: leave out --tty");
        }

        try
        {
            return new OciExecProcess(await Known(executor => executor.StartExecAsync(
                id, request.Command, request.Environment, request.WorkingFolder, request.User, cancellationToken)));
        }
        catch (TaskException refused)
        {
            throw new ApiException(409, refused.Message);
        }
    }

    private T Known<T>(Func<OciExecutor, T> call)
    {
        try
        {
            return call(current() ?? throw new KeyNotFoundException("No such container: this node is in no swarm and runs none"));
        }
        catch (KeyNotFoundException missing)
        {
            throw new ApiException(404, missing.Message);
        }
    }

    private static ContainerInfo Show(ContainerRecord record)
    {
        var limits = record.Task.Spec?.Resources?.Limits;
        return new ContainerInfo
        {
            Id = record.Id,
            Name = record.Name,
            Image = record.Image,
            ImageId = record.ImageId,
            Command = record.Command,
            Created = record.Created,
            State = record.State switch
            {
                Agent.Executor.ContainerState.Running => ContainerState.Running,
                Agent.Executor.ContainerState.Exited => ContainerState.Exited,
                _ => ContainerState.Created,
            },
            Pid = record.Pid,
            ExitCode = record.ExitCode,
            Error = record.Error,
            StartedAt = record.StartedAt,
            FinishedAt = record.FinishedAt,
            Health = record.Health,
            Labels = record.Labels,
            Environment = record.Environment,
            Hostname = record.Hostname,
            WorkingFolder = record.WorkingFolder,
            User = record.User,
            HasTerminal = record.Task.Spec?.Container?.Tty ?? false,
            LogPath = record.LogFolder,
            MemoryLimitBytes = limits?.MemoryBytes ?? 0,
            NanoCpus = limits?.NanoCpus ?? 0,
            Ports = record.Ports,
            Networks = record.Task.Networks,
            Mounts = record.Task.Spec?.Container?.Mounts ?? [],
        };
    }
}
