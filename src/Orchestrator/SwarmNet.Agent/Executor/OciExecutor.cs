using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Agent.Images;
using SwarmNet.Agent.Network;
using SwarmNet.Agent.Tasks;
using SwarmNet.Linux;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Executor;

/// <summary>
/// Runs tasks as containers of an OCI runtime (crun or runc): overlayfs root, cgroup limits, network namespace of
/// <see cref="INodeNetwork"/>, output in log files. Containers outlive this object and the daemon; the next one over the same
/// folders takes them up. One process per state folder.
/// </summary>
public sealed partial class OciExecutor : IExecutor, IAsyncDisposable
{
    /// <summary>What nodes report as engine version.</summary>
    private static readonly string EngineVersion = typeof(OciExecutor).Assembly.GetName().Version?.ToString(3) ?? "0.1.0";

    private readonly ILogger _logger;
    private readonly ImageStore _images;
    private readonly EventThread _events = new();
    private readonly DependencyFiles _dependencies;
    private readonly string _bootId = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
    private readonly string _folder;
    private readonly Lock _starting = new();
    private OciRuntime? _runtime;

    /// <summary>Takes up the containers that run.</summary>
    /// <param name="options">Folders and limits.</param>
    /// <param name="images">Images of this node; its <c>IsInUse</c> is set to this executor's containers.</param>
    /// <param name="network">Network of this node.</param>
    /// <param name="time">Clock; the system's when null.</param>
    /// <param name="logger">Logger; none when null.</param>
    public OciExecutor(OciExecutorOptions options, ImageStore images, INodeNetwork network, TimeProvider? time = null, ILogger<OciExecutor>? logger = null)
    {
        (Options, _images, Network, Time) = (options, images, network, time ?? TimeProvider.System);
        _logger = (ILogger?)logger ?? NullLogger.Instance;
        _folder = Path.Combine(options.StateFolder, "containers");
        foreach (var folder in new[] { _folder, options.RunFolder, OciRuntime.RootFolder(options) })
        {
            Directory.CreateDirectory(folder);
        }

        Volumes = new VolumeStore(Path.Combine(options.StateFolder, "volumes"), Time);
        _dependencies = new DependencyFiles(options.RunFolder);
        images.IsInUse = id => Containers.All.Any(c => c.File.ImageId == id);
        foreach (var container in Directory.GetDirectories(_folder).Select(Container.Open).OfType<Container>())
        {
            TakeUp(container);
            Containers.Add(container);
        }
    }

    /// <summary>The containers of this node.</summary>
    public ContainerTable Containers { get; } = new();

    /// <summary>The volumes of this node.</summary>
    public VolumeStore Volumes { get; }

    internal OciExecutorOptions Options { get; }

    internal INodeNetwork Network { get; }

    internal TimeProvider Time { get; }

    /// <inheritdoc />
    public NodeDescription Describe()
    {
        var description = new NodeDescription
        {
            Hostname = Options.Hostname ?? Environment.MachineName,
            Platform = new Platform { Architecture = Platforms.MachineArchitecture, Os = "linux" },
            Resources = new Resources { NanoCpus = Environment.ProcessorCount * 1_000_000_000L, MemoryBytes = MemoryBytes() },
            Engine = new EngineDescription { EngineVersion = EngineVersion },
        };
        description.Engine.Plugins.Add(new[] { ("Log", "json-file"), ("Log", "local"), ("Log", "none"), ("Network", "bridge"), ("Network", "host"), ("Network", "null"), ("Network", "overlay"), ("Volume", "local") }
            .Select(p => new PluginDescription { Type = p.Item1, Name = p.Item2 }));
        return description;
    }

    /// <inheritdoc />
    public ITaskController CreateController(SwarmTask task, IDependencies dependencies) =>
        task.Spec?.RuntimeCase == TaskSpec.RuntimeOneofCase.Container ? new OciTaskController(this, task, dependencies)
        : throw new TaskException("the task is not a container, and this node runs nothing else");

    /// <inheritdoc />
    public async Task RemoveLeftoversAsync(IReadOnlySet<string> taskIds, CancellationToken cancellationToken)
    {
        foreach (var container in Containers.All.Where(c => !taskIds.Contains(c.File.TaskId)))
        {
            container.Process?.Signal(LibC.SIGKILL);
            await Network.RemoveSandboxAsync(container.File.TaskId, cancellationToken);
            await DeleteAsync(container);
        }

        var known = Containers.All.Select(c => c.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var folder in Directory.GetDirectories(_folder).Where(f => !known.Contains(Path.GetFileName(f))))
        {
            Directory.Delete(folder, recursive: true);
        }

        _dependencies.RemoveOthers(known);
        foreach (var volume in Volumes.List().Where(v => v.ContainerId.Length > 0 && !known.Contains(v.ContainerId)))
        {
            Volumes.Remove(volume.Name);
        }
    }

    /// <summary>Lets go of everything; containers go on running.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var container in Containers.All)
        {
            container.Health?.Dispose();
            container.Process?.Dispose();
            if (container.Supervision is { } supervision)
            {
                await supervision.ContinueWith(static _ => { }, TaskScheduler.Default);
            }

            container.Log?.Dispose();
        }

        _events.Dispose();
        _dependencies.Close();
        if (Containers.All.Count == 0)
        {
            Cgroups.Remove(Options.CgroupParent);
        }
    }

    /// <summary>Makes the container's folder and bundle, all but the network's part. Idempotent.</summary>
    internal Container Make(SwarmTask task, Container? container)
    {
        var spec = task.Spec.Container;
        _ = Runtime();
        _ = ContainerLogLimits.Of(task, Options);
        if (spec.Tty)
        {
            throw new TaskException("a terminal (tty) is not supported by the embedded runtime: create the service without --tty");
        }

        var image = _images.Find(spec.Image) ?? throw new TaskException(
            $"No such image: {ImageStore.Familiar(spec.Image)} (it is not on this node: load or import it here)");
        var view = new LayerView([.. image.Config.RootFs.DiffIds.Select(_images.Layers.PathOf)]);
        var config = image.Config.Config;
        _ = StopSignal(spec, config);
        var templates = new Templates(task, Describe());
        if (container is null)
        {
            var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            var lower = image.Config.RootFs.DiffIds.Select(LayerStore.Name).Reverse().Distinct();
            var hostname = spec.Hostname.Length > 0 ? templates.Expand(spec.Hostname) : id[..12];
            var user = spec.User.Length > 0 ? spec.User : config?.User ?? "";
            var file = new ContainerFile
            {
                Id = id,
                TaskId = task.Id,
                ImageId = image.Id,
                Created = Time.GetUtcNow(),
                Command = CommandLine(spec, config),
                Environment = ContainerEnvironment.Of(task, config, hostname, ContainerUser.Resolve(view, user, spec.Groups).Home, templates),
                Hostname = hostname,
                WorkingFolder = spec.Dir.Length > 0 ? spec.Dir : config?.WorkingDir is { Length: > 0 } folder ? folder : "/",
                User = user,
                Lower = string.Join(':', lower),
            };
            container = Container.Create(Path.Combine(_folder, id), file, task);
            Containers.Add(container);
        }

        try
        {
            MakeBundle(container, view, config, templates);
            return container;
        }
        catch
        {
            Delete(container);
            throw;
        }
    }

    private static int StopSignal(ContainerSpec spec, ImageConfig? config)
    {
        var name = spec.StopSignal.Length > 0 ? spec.StopSignal : config?.StopSignal;
        return string.IsNullOrEmpty(name) ? LibC.SIGTERM
            : SignalNames.TryParse(name, out var number) ? number
            : throw new TaskException($"Invalid signal: {name}");
    }

    /// <summary>What depends on the sandbox: namespace, hosts, name servers.</summary>
    internal static void WriteNetworkFiles(Container container)
    {
        var sandbox = container.Sandbox!;
        container.Save(container.File with { NetworkNamespace = sandbox.NamespacePath });
        File.WriteAllText(Path.Combine(container.Folder, "resolv.conf"), sandbox.ResolvConf);
        File.WriteAllText(Path.Combine(container.Folder, "hostname"), container.File.Hostname + "\n");
        File.WriteAllText(Path.Combine(container.Folder, "hosts"), ContainerEnvironment.Hosts(container.Task.Spec.Container, container.File.Hostname, sandbox.Addresses));
        var path = Path.Combine(container.Folder, "config.json");
        var bundle = JsonNode.Parse(File.ReadAllText(path))!;
        var network = bundle["linux"]!["namespaces"]!.AsArray().First(n => (string?)n!["type"] == "network");
        network!["path"] = sandbox.NamespacePath;
        File.WriteAllText(path, bundle.ToJsonString());
    }

    /// <summary>Starts the container's process unless that has been done.</summary>
    internal void EnsureStarted(Container container, IDependencies dependencies)
    {
        lock (_starting)
        {
            if (container.Process is not null)
            {
                return;
            }

            _dependencies.Write(container.Task, container.Id, Describe(), dependencies);
            container.Save(container.File with { StartedAt = Time.GetUtcNow(), BootId = _bootId });
            var log = OpenLog(container);
            container.Process = ContainerProcess.Start(container, Runtime(), _images.Layers.Folder, _events, log.Notify);
            container.Supervision = Task.Run(() => SuperviseAsync(container));
        }
    }

    /// <summary>The container's health monitor, started when there is a check and the process runs; null without a check.</summary>
    internal HealthMonitor? EnsureHealth(Container container)
    {
        if (container.Health is null && container.Process is { HasEnded: false }
            && HealthSettings.Of(container.Task.Spec.Container.Healthcheck, _images.Find(container.File.ImageId)?.Config.Config?.Healthcheck) is { } settings)
        {
            container.Health = new HealthMonitor(settings, (command, cancellation) => ProbeAsync(container, command, cancellation), Time);
        }

        return container.Health;
    }

    /// <summary>Stop signal, grace period, kill; returns once the end is on record.</summary>
    internal async Task StopAsync(Container container, TimeSpan? grace, CancellationToken cancellationToken)
    {
        if (container is not { Process: { } process, Supervision: { } supervision })
        {
            return;
        }

        container.Health?.Dispose();
        try
        {
            await process.StartedAsync(cancellationToken);
        }
        catch (TaskException)
        {
            // Never ran; its end is being recorded.
        }

        var spec = container.Task.Spec.Container;
        var config = _images.Find(container.File.ImageId)?.Config.Config;
        process.Signal(StopSignal(spec, config));
        try
        {
            await supervision.WaitAsync(grace ?? spec.StopGracePeriod?.ToTimeSpan() ?? Options.DefaultStopGrace, Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            process.Signal(LibC.SIGKILL);
            await supervision.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Kills and removes the container with its folder, cgroups and anonymous volumes.</summary>
    internal async Task DeleteAsync(Container container)
    {
        if (container is { Process: { HasEnded: false } process, Supervision: { } supervision })
        {
            process.Signal(LibC.SIGKILL);
            await supervision;
        }

        if (Directory.Exists(Path.Combine(OciRuntime.RootFolder(Options), container.Id)))
        {
            await Runtime().RunAsync(["delete", "--force", container.Id], CancellationToken.None);
        }

        await Task.Run(() => Delete(container));
    }

    private static string[] CommandLine(ContainerSpec spec, ImageConfig? config)
    {
        string[] command = spec.Command.Count > 0 ? [.. spec.Command, .. spec.Args]
            : [.. config?.Entrypoint ?? [], .. spec.Args.Count > 0 ? spec.Args : config?.Cmd ?? (IReadOnlyList<string>)[]];
        return command.Length > 0 ? command : throw new TaskException("No command specified");
    }

    private static long MemoryBytes()
    {
        var line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemTotal:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
    }

    private OciRuntime Runtime() => _runtime ??= OciRuntime.Find(Options);

    private void MakeBundle(Container container, LayerView view, ImageConfig? config, Templates templates)
    {
        var (file, spec) = (container.File, container.Task.Spec.Container);
        var plan = MountPlan.Make(container, config, view, templates, Volumes, _dependencies.FolderOf(container.Id));
        var mounts = plan.Mounts;
        var command = file.Command;
        if (spec.Init == true)
        {
            var init = OciRuntime.FindOnPath("docker-init") ?? OciRuntime.FindOnPath("tini-static") ?? OciRuntime.FindOnPath("tini")
                ?? throw new TaskException("--init needs docker-init or tini on this node: install the Debian package tini");
            mounts = [.. mounts, new OciMount("/sbin/docker-init", "bind", init, "bind", "ro")];
            command = ["/sbin/docker-init", "--", .. command];
        }

        var bundle = new OciBundle
        {
            Task = container.Task,
            RootPath = container.RootFolder,
            Hostname = file.Hostname,
            CgroupPath = $"/{Options.CgroupParent.Trim('/')}/{file.Id}",
            NetworkNamespace = file.NetworkNamespace,
            Command = command,
            Environment = file.Environment,
            WorkingFolder = file.WorkingFolder,
            User = ContainerUser.Resolve(view, file.User, spec.Groups),
            Mounts = mounts,
            HasSwapLimit = Cgroups.HasSwapLimit,
            IsCgroup2 = Cgroups.IsVersion2,
        };
        File.WriteAllText(Path.Combine(container.Folder, "process.json"), bundle.Process([]).ToJsonString());
        File.WriteAllText(Path.Combine(container.Folder, "config.json"), bundle.ToJson().ToJsonString());
        container.Save(file with { CopyUps = plan.CopyUps });
    }

    private ContainerLog OpenLog(Container container) =>
        container.Log ??= new ContainerLog(container, ContainerLogLimits.Of(container.Task, Options), Time);

    // At construction: a container that was started has a shim, or its exit code, or neither after the machine's restart.
    private void TakeUp(Container container)
    {
        if (container.File is not { StartedAt: not null } file)
        {
            return;
        }

        var log = OpenLog(container);
        if (file.FinishedAt is not null || file.BootId != _bootId)
        {
            if (file.FinishedAt is null)
            {
                Record(container, ContainerProcess.ExitCode(container) ?? 255);
            }

            log.TryDrain(isLast: true);
            return;
        }

        if (File.Exists(Path.Combine(container.IoFolder, "shim")))
        {
            container.Process = ContainerProcess.Adopt(container, _events, log.Notify);
            container.Supervision = Task.Run(() => SuperviseAsync(container));
            log.Notify();
        }
    }

    private async Task SuperviseAsync(Container container)
    {
        int exitCode;
        try
        {
            exitCode = await container.Process!.Ended;
        }
        catch (OperationCanceledException)
        {
            // The daemon ends; the container does not.
            return;
        }
        catch (Exception e)
        {
            LogLost(container.Id, e.Message);
            exitCode = 255;
        }

        container.Health?.Dispose();
        if (container.Log?.TryDrain(isLast: true) == false)
        {
            LogNotKept(container.Id);
        }

        Record(container, exitCode);
        container.Process!.Dispose();
        _dependencies.Remove(container.Id);
        Cgroups.Remove($"{Options.CgroupParent.Trim('/')}/{container.Id}");
    }

    private void Record(Container container, int exitCode)
    {
        var failure = ContainerProcess.Failure(container) ?? "";
        if (failure.Length > 0 && exitCode is 0 or 1)
        {
            // The runtime's own code; Docker's says why.
            exitCode = failure.Contains("ermission denied", StringComparison.Ordinal) ? 126 : 127;
        }

        container.Save(container.File with { FinishedAt = Time.GetUtcNow(), ExitCode = exitCode, Error = failure });
    }

    private async Task<int> ProbeAsync(Container container, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var path = await WriteExecAsync(container, "health.json", command, cancellationToken);
        return (await Runtime().RunAsync(["exec", "--process", path, container.Id], cancellationToken)).ExitCode;
    }

    private static async Task<string> WriteExecAsync(Container container, string name, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var process = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(container.Folder, "process.json"), cancellationToken))!;
        process["args"] = new JsonArray([.. command.Select(a => (JsonNode)JsonValue.Create(a)!)]);
        var path = Path.Combine(container.Folder, name);
        await File.WriteAllTextAsync(path, process.ToJsonString(), cancellationToken);
        return path;
    }

    private void Delete(Container container)
    {
        container.Process?.Dispose();
        container.Log?.Dispose();
        Cgroups.Remove($"{Options.CgroupParent.Trim('/')}/{container.Id}");
        _dependencies.Remove(container.Id);
        if (Directory.Exists(container.Folder))
        {
            Directory.Delete(container.Folder, recursive: true);
        }

        foreach (var volume in Volumes.List().Where(v => v.ContainerId == container.Id))
        {
            Volumes.Remove(volume.Name);
        }

        Containers.Remove(container.Id);
    }

    [LoggerMessage(4202, LogLevel.Error, "Container {ContainerId}: the last lines of its output could not be written to its log")]
    private partial void LogNotKept(string containerId);

    [LoggerMessage(4201, LogLevel.Error, "Container {ContainerId}: its process could not be watched: {Error}")]
    private partial void LogLost(string containerId, string error);
}
