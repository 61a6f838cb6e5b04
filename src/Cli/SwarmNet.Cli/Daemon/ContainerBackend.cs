using System.Runtime.CompilerServices;
using SwarmNet.Agent.Executor;
using SwarmNet.Agent.Tasks;
using SwarmNet.EngineApi;
using SwarmNet.EngineApi.Logs;
using SwarmNet.EngineApi.Runtime;
using ApiState = SwarmNet.EngineApi.Runtime.ContainerState;
using RecordState = SwarmNet.Agent.Executor.ContainerState;

namespace SwarmNet.Cli.Daemon;

/// <summary>The executor's containers as the API shows them; outside a swarm there are none.</summary>
internal sealed class ContainerBackend(Func<OciExecutor?> executor) : IContainerBackend
{
    public IReadOnlyList<ContainerInfo> List() => [.. executor()?.Containers.List().Select(Info) ?? []];

    public IReadOnlyList<VolumeRecord> ListVolumes() => executor()?.Volumes.List() ?? [];

    public async IAsyncEnumerable<ContainerLogLine> ReadLogsAsync(string id, LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = new ContainerLogQuery { Output = query.Stdout, Error = query.Stderr, Follow = query.Follow, Since = query.Since?.ToDateTimeOffset(), Tail = query.Tail is { } tail ? (int)Math.Min(tail, int.MaxValue) : null };
        await foreach (var line in Require().ReadLogAsync(id, wanted, cancellationToken).ConfigureAwait(false))
        {
            yield return new ContainerLogLine(line.IsError, line.Time, line.Line);
        }
    }

    public Task StopAsync(string id, TimeSpan? grace, CancellationToken cancellationToken) => Require().StopAsync(id, grace, cancellationToken);

    public Task KillAsync(string id, int signal, CancellationToken cancellationToken) => Require().Kill(id, signal)
        ? Task.CompletedTask
        : throw new ApiException(409, $"Cannot kill container: {id}: container {id} is not running");

    public async Task RemoveAsync(string id, bool force, CancellationToken cancellationToken)
    {
        var container = Require().Containers.Find(id) ?? throw new ApiException(404, $"No such container: {id}");
        if (container.State == RecordState.Running && !force)
        {
            throw new ApiException(409, $"cannot remove container \"/{container.Name}\": container is running: stop the container before removing or force remove");
        }

        if (container.State == RecordState.Running)
        {
            // Its task ends with it; the swarm removes the rest.
            await Require().StopAsync(id, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
            return;
        }

        throw new ApiException(409, $"container \"/{container.Name}\" belongs to a task of the swarm, which removes it with the task's history");
    }

    public async Task<IExecProcess> StartExecAsync(string id, ExecRequest request, CancellationToken cancellationToken)
    {
        if (request.HasTerminal)
        {
            throw new ApiException(501, "this version runs commands in containers without a terminal: leave -t out");
        }

        try
        {
            var process = await Require()
                .StartExecAsync(id, request.Command, request.Environment, request.WorkingFolder, request.User, cancellationToken).ConfigureAwait(false);
            return new ExecProcess(process);
        }
        catch (TaskException e)
        {
            throw new ApiException(409, e.Message);
        }
        catch (KeyNotFoundException)
        {
            throw new ApiException(404, $"No such container: {id}");
        }
    }

    private OciExecutor Require() => executor() ?? throw new ApiException(404, "No such container: this node is in no swarm and runs none");

    private static ContainerInfo Info(ContainerRecord record)
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
            State = record.State switch { RecordState.Running => ApiState.Running, RecordState.Exited => ApiState.Exited, _ => ApiState.Created },
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
            HasTerminal = record.Task.Spec?.Container?.Tty == true,
            LogPath = record.LogFolder,
            MemoryLimitBytes = limits?.MemoryBytes ?? 0,
            NanoCpus = limits?.NanoCpus ?? 0,
            Ports = record.Ports,
            Networks = [.. record.Task.Networks],
            Mounts = [.. record.Task.Spec?.Container?.Mounts ?? []],
        };
    }

    private sealed class ExecProcess(ContainerExec process) : IExecProcess
    {
        public int Pid => process.Pid;

        public Stream Input => process.Input;

        public Stream Output => process.Output;

        public Stream? Error => process.Error;

        public Task<int> WaitAsync(CancellationToken cancellationToken) => process.WaitAsync(cancellationToken);

        public Task ResizeAsync(int rows, int columns, CancellationToken cancellationToken) =>
            throw new ApiException(409, "the process has no terminal");

        public ValueTask DisposeAsync() => process.DisposeAsync();
    }
}
