using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tasks;

/// <summary>The controller of a task that the executor cannot run at all: it is rejected with the executor's reason.</summary>
internal sealed class FailedController(TaskException reason) : ITaskController
{
    public ContainerStatus? ContainerStatus => null;

    public PortStatus? PortStatus => null;

    public Task UpdateAsync(SwarmTask task, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task PrepareAsync(CancellationToken cancellationToken) => Task.FromException(reason);

    public Task StartAsync(CancellationToken cancellationToken) => Task.FromException(reason);

    public Task<int> WaitAsync(CancellationToken cancellationToken) => Task.FromException<int>(reason);

    public Task ShutdownAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RemoveAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
