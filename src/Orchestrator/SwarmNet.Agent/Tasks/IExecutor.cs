using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tasks;

/// <summary>Runs tasks on this node: the seam between the task manager and a container runtime (SwarmKit <c>agent/exec.Executor</c>).</summary>
public interface IExecutor
{
    /// <summary>What this node is: hostname, platform, resources, engine and plugins. Without TLS information.</summary>
    NodeDescription Describe();

    /// <summary>A controller for <paramref name="task"/>; adopts what already runs for it after a restart of the daemon.</summary>
    /// <param name="task">The assignment.</param>
    /// <param name="dependencies">Secrets and configs by id, as assigned to this node.</param>
    ITaskController CreateController(SwarmTask task, IDependencies dependencies);

    /// <summary>Called once at start, before any controller is made: removes what is left of every task not in <paramref name="taskIds"/>.</summary>
    Task RemoveLeftoversAsync(IReadOnlySet<string> taskIds, CancellationToken cancellationToken);
}

/// <summary>Secrets and configs that the manager assigned to this node; held in memory only.</summary>
public interface IDependencies
{
    /// <summary>The secret with that id, or null.</summary>
    Secret? Secret(string id);

    /// <summary>The config with that id, or null.</summary>
    Config? Config(string id);
}

/// <summary>
/// One task's life on this node, driven by the task manager, one call at a time except <see cref="WaitAsync"/>.
/// Every call is idempotent. Failures throw <see cref="TaskException"/>; a failure that is worth retrying says so.
/// </summary>
public interface ITaskController : IAsyncDisposable
{
    /// <summary>Takes a newer version of the assignment (desired state aside, only annotations may differ).</summary>
    Task UpdateAsync(SwarmTask task, CancellationToken cancellationToken);

    /// <summary>Image, network and container are ready; nothing runs.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>The process runs (and is healthy, when a health check is given) on return.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Waits for the process to end; the exit code (128 + signal when killed).</summary>
    Task<int> WaitAsync(CancellationToken cancellationToken);

    /// <summary>Withdraws the task from service discovery, then stop signal, grace period, kill.</summary>
    Task ShutdownAsync(CancellationToken cancellationToken);

    /// <summary>Removes everything of the task: container, network, anonymous volumes.</summary>
    Task RemoveAsync(CancellationToken cancellationToken);

    /// <summary>Container id and pid when known, with the exit code once it has ended; null before the container exists.</summary>
    ContainerStatus? ContainerStatus { get; }

    /// <summary>Host-mode ports actually bound; null when there are none.</summary>
    PortStatus? PortStatus { get; }
}

/// <summary>A task step that failed. The message is what <c>service ps</c> shows.</summary>
public sealed class TaskException(string message, bool isTemporary = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>True when the step is retried after a second, false when the task is lost.</summary>
    public bool IsTemporary { get; } = isTemporary;
}
