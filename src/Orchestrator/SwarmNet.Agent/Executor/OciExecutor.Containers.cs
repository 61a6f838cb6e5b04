using System.Diagnostics;
using System.Text.Json.Nodes;
using SwarmNet.Agent.Tasks;

namespace SwarmNet.Agent.Executor;

public sealed partial class OciExecutor
{
    /// <summary>Stop signal, grace period (the container's own when null), kill. The swarm then does what the service's restart policy says.</summary>
    /// <exception cref="KeyNotFoundException">No container of that id.</exception>
    public Task StopAsync(string containerId, TimeSpan? grace, CancellationToken cancellationToken) =>
        StopAsync(Get(containerId), grace, cancellationToken);

    /// <summary>Sends a signal to the first process; false when it does not run.</summary>
    /// <exception cref="KeyNotFoundException">No container of that id.</exception>
    public bool Kill(string containerId, int signal) => Get(containerId).Process?.Signal(signal) ?? false;

    /// <summary>Runs a further process in a running container, its standard streams piped to the caller.</summary>
    /// <param name="containerId">Container id.</param>
    /// <param name="command">Arguments, the program first.</param>
    /// <param name="environment">Additions to the environment.</param>
    /// <param name="workingFolder">Empty for the container's.</param>
    /// <param name="user">Empty for the container's; numbers or names.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="KeyNotFoundException">No container of that id.</exception>
    /// <exception cref="TaskException">It does not run, or the user is unknown.</exception>
    public async Task<ContainerExec> StartExecAsync(
        string containerId, IReadOnlyList<string> command, IReadOnlyList<string> environment, string workingFolder, string user, CancellationToken cancellationToken)
    {
        var container = Get(containerId);
        if (container.Process is not { HasEnded: false, Pid: > 0 })
        {
            throw new TaskException($"Container {containerId} is not running");
        }

        var name = $"exec-{Guid.NewGuid():N}.json";
        var path = await WriteExecAsync(container, name, command, cancellationToken);
        var process = JsonNode.Parse(await File.ReadAllTextAsync(path, cancellationToken))!;
        foreach (var entry in environment)
        {
            process["env"]!.AsArray().Add((JsonNode)JsonValue.Create(entry)!);
        }

        if (workingFolder.Length > 0)
        {
            process["cwd"] = workingFolder;
        }

        if (user.Length > 0)
        {
            var layers = _images.Find(container.File.ImageId)?.Config.RootFs.DiffIds.Select(_images.Layers.PathOf) ?? [];
            var resolved = ContainerUser.Resolve(new Images.LayerView([.. layers]), user, []);
            process["user"] = new JsonObject { ["uid"] = resolved.Uid, ["gid"] = resolved.Gid };
        }

        await File.WriteAllTextAsync(path, process.ToJsonString(), cancellationToken);
        return new ContainerExec(Runtime().Start(["exec", "--process", path, container.Id]), path);
    }

    private Container Get(string containerId) =>
        Containers.Get(containerId) ?? throw new KeyNotFoundException($"No such container: {containerId}");
}
