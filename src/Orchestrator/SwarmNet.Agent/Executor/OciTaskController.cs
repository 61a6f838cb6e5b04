using SwarmNet.Agent.Tasks;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Executor;

/// <summary>One task as a container: prepared, started, watched, stopped and removed through <see cref="OciExecutor"/>.</summary>
internal sealed class OciTaskController(OciExecutor executor, SwarmTask task, IDependencies dependencies) : ITaskController
{
    private volatile SwarmTask _task = task;
    private Container? _container = executor.Containers.OfTask(task.Id);
    private bool _isOnNetwork;

    public ContainerStatus? ContainerStatus
    {
        get
        {
            if (_container is not { } container)
            {
                return null;
            }

            var record = container.Record();
            return new ContainerStatus { ContainerId = record.Id, Pid = record.Pid, ExitCode = record.ExitCode };
        }
    }

    public PortStatus? PortStatus => _container?.Ports;

    public Task UpdateAsync(SwarmTask task, CancellationToken cancellationToken)
    {
        _task = task;
        _container?.Update(task);
        return Task.CompletedTask;
    }

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        _container ??= executor.Containers.OfTask(_task.Id);
        if (_container?.File.StartedAt is not null)
        {
            return;
        }

        try
        {
            _container = await Task.Run(() => executor.Make(_task, _container), cancellationToken);
            await JoinNetworkAsync(_container, cancellationToken);
            await Task.Run(() => OciExecutor.WriteNetworkFiles(_container), cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await LeaveNetworkAsync(CancellationToken.None);
            if (_container is { } half)
            {
                _container = null;
                await executor.DeleteAsync(half);
            }

            throw e is TaskException ? e : new TaskException(e.Message, inner: e);
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var container = Prepared();
        if (container.File.FinishedAt is not null)
        {
            return;
        }

        if (!_isOnNetwork)
        {
            await JoinNetworkAsync(container, cancellationToken);
        }

        executor.EnsureStarted(container, dependencies);
        try
        {
            await container.Process!.StartedAsync(cancellationToken);
        }
        catch (TaskException)
        {
            await container.Supervision!.WaitAsync(cancellationToken);
            await LeaveNetworkAsync(cancellationToken);
            throw;
        }

        if (executor.EnsureHealth(container) is { } health)
        {
            await Task.WhenAny(health.Healthy, health.Unhealthy, container.Supervision!).WaitAsync(cancellationToken);
            if (health.Unhealthy.IsCompleted)
            {
                await StopUnhealthyAsync(container, cancellationToken);
            }
        }

        if (!container.Process.HasEnded)
        {
            await executor.Network.EnableServiceAsync(_task.Id, cancellationToken);
        }
    }

    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        var container = Prepared();
        if (!_isOnNetwork && container is { File.FinishedAt: null, Process.HasEnded: false })
        {
            await TakeUpAsync(container, cancellationToken);
        }

        if (container.Supervision is { } supervision)
        {
            var unhealthy = container.Health?.Unhealthy ?? supervision;
            await Task.WhenAny(supervision, unhealthy).WaitAsync(cancellationToken);
            if (container.Health?.Unhealthy.IsCompleted == true && !supervision.IsCompleted)
            {
                await StopUnhealthyAsync(container, cancellationToken);
            }

            await supervision.WaitAsync(cancellationToken);
        }

        await LeaveNetworkAsync(cancellationToken);
        return container.File.Error.Length == 0 ? container.File.ExitCode
            : throw new TaskException($"starting container failed: OCI runtime: {container.File.Error}");
    }

    public async Task ShutdownAsync(CancellationToken cancellationToken)
    {
        if (_container is { Process.HasEnded: false } container)
        {
            await executor.Network.DisableServiceAsync(_task.Id, cancellationToken);
            if (_task.Networks.Count > 0)
            {
                await Task.Delay(executor.Options.DrainDelay, executor.Time, cancellationToken);
            }

            await executor.StopAsync(container, null, cancellationToken);
        }

        await LeaveNetworkAsync(cancellationToken);
    }

    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        await ShutdownAsync(cancellationToken);
        if (_container is { } container)
        {
            await executor.DeleteAsync(container);
            _container = null;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Container Prepared() => _container ?? throw new TaskException("the task's container is gone");

    // After a restart of the daemon: what a new process must know again of a container that never stopped.
    private async Task TakeUpAsync(Container container, CancellationToken cancellationToken)
    {
        executor.EnsureHealth(container);
        try
        {
            await JoinNetworkAsync(container, cancellationToken);
            await executor.Network.EnableServiceAsync(_task.Id, cancellationToken);
        }
        catch (TaskException e)
        {
            // The network may still wait for a manager: that is no reason to fail a task that runs.
            throw new TaskException(e.Message, isTemporary: true, e);
        }
    }

    private async Task JoinNetworkAsync(Container container, CancellationToken cancellationToken)
    {
        var sandbox = await executor.Network.CreateSandboxAsync(_task, container.Id, cancellationToken);
        _isOnNetwork = true;
        container.Sandbox = sandbox;
        container.Ports = sandbox.Ports;
    }

    private async Task LeaveNetworkAsync(CancellationToken cancellationToken)
    {
        await executor.Network.DisableServiceAsync(_task.Id, cancellationToken);
        await executor.Network.RemoveSandboxAsync(_task.Id, cancellationToken);
        _isOnNetwork = false;
        _container?.Ports = null;
    }

    private async Task StopUnhealthyAsync(Container container, CancellationToken cancellationToken)
    {
        await executor.Network.DisableServiceAsync(_task.Id, cancellationToken);
        await executor.StopAsync(container, null, cancellationToken);
        await LeaveNetworkAsync(cancellationToken);
        throw new TaskException($"{TaskStateMachine.NonZeroExit(container.File.ExitCode)}: dockerexec: unhealthy container");
    }
}
