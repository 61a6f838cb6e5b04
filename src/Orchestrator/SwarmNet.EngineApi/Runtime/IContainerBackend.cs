using SwarmNet.Agent.Executor;
using SwarmNet.EngineApi.Logs;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>
/// The containers of this node, as the embedded runtime offers them to the API. Methods throw <see cref="ApiException"/> with
/// Docker's sentences; ids given are whole ids of <see cref="List"/>.
/// </summary>
public interface IContainerBackend
{
    /// <summary>All containers, newest first: a snapshot.</summary>
    IReadOnlyList<ContainerInfo> List();

    /// <summary>All local volumes, by name: a snapshot.</summary>
    IReadOnlyList<VolumeRecord> ListVolumes();

    /// <summary>What the container wrote; ends at the end of the log, or with the container when following.</summary>
    IAsyncEnumerable<ContainerLogLine> ReadLogsAsync(string id, LogQuery query, CancellationToken cancellationToken);

    /// <summary>Stop signal, grace period, kill; returns when it has ended.</summary>
    /// <param name="id">Container id.</param>
    /// <param name="grace">Null for the container's own.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task StopAsync(string id, TimeSpan? grace, CancellationToken cancellationToken);

    /// <summary>Sends a signal to its first process.</summary>
    Task KillAsync(string id, int signal, CancellationToken cancellationToken);

    /// <summary>Removes an ended container; with <paramref name="force"/> a running one is killed first.</summary>
    Task RemoveAsync(string id, bool force, CancellationToken cancellationToken);

    /// <summary>Runs a further process in a running container.</summary>
    Task<IExecProcess> StartExecAsync(string id, ExecRequest request, CancellationToken cancellationToken);
}
