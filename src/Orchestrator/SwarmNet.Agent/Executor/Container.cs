using System.Text.Json;
using Google.Protobuf;

namespace SwarmNet.Agent.Executor;

/// <summary>A container's folder and stored state. One task controller owns the writing; others read snapshots.</summary>
internal sealed class Container(string folder, ContainerFile file, SwarmTask task)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private volatile ContainerFile _file = file;
    private volatile SwarmTask _task = task;

    public string Id => _file.Id;

    public ContainerFile File => _file;

    public SwarmTask Task => _task;

    public string Folder { get; } = folder;

    /// <summary>What the shim and the runtime write: process ids, exit code, raw output.</summary>
    public string IoFolder => Path.Combine(Folder, "io");

    public string LogFolder => Path.Combine(Folder, "log");

    public string RootFolder => Path.Combine(Folder, "rootfs");

    /// <summary>The process in this daemon's care; null before the start and after an end in the time of another daemon.</summary>
    public ContainerProcess? Process { get; set; }

    /// <summary>Ends once the end of <see cref="Process"/> is on record; null while nothing was started.</summary>
    public Task? Supervision { get; set; }

    public ContainerLog? Log { get; set; }

    public HealthMonitor? Health { get; set; }

    public Network.TaskSandbox? Sandbox { get; set; }

    public Protocol.PortStatus? Ports { get; set; }

    /// <summary>Makes the folder; it counts as a container from the moment its file is there.</summary>
    public static Container Create(string folder, ContainerFile file, SwarmTask task)
    {
        var container = new Container(folder, file, task);
        Directory.CreateDirectory(folder, OwnerOnly);
        foreach (var name in new[] { "upper", "work", "rootfs", "io", "log" })
        {
            Directory.CreateDirectory(Path.Combine(folder, name), (UnixFileMode)0x1ED);
        }

        Write(Path.Combine(folder, "task.pb"), task.ToByteArray());
        container.Save(file);
        return container;
    }

    /// <summary>Reads the folder; null when it holds no whole container.</summary>
    public static Container? Open(string folder)
    {
        try
        {
            var file = JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(Path.Combine(folder, "container.json")), ExecutorJson.Default.ContainerFile);
            var task = SwarmTask.Parser.ParseFrom(System.IO.File.ReadAllBytes(Path.Combine(folder, "task.pb")));
            return file is null ? null : new Container(folder, file, task);
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidProtocolBufferException)
        {
            return null;
        }
    }

    public void Update(SwarmTask task) => _task = task;

    public void Save(ContainerFile file)
    {
        Write(Path.Combine(Folder, "container.json"), JsonSerializer.SerializeToUtf8Bytes(file, ExecutorJson.Default.ContainerFile));
        _file = file;
    }

    /// <summary>Whole or not at all: written beside and renamed.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        System.IO.File.WriteAllBytes(path + ".new", bytes);
        System.IO.File.Move(path + ".new", path, overwrite: true);
    }

    public ContainerRecord Record()
    {
        var (file, task, process) = (_file, _task, Process);
        var isRunning = process is { HasEnded: false, Pid: > 0 };
        return new ContainerRecord
        {
            Id = file.Id,
            Name = Templates.ContainerName(task),
            Task = task,
            Image = task.Spec.Container.Image,
            ImageId = file.ImageId,
            Command = file.Command,
            Environment = file.Environment,
            Hostname = file.Hostname,
            WorkingFolder = file.WorkingFolder,
            User = file.User,
            Labels = Labels(task),
            Created = file.Created,
            StartedAt = file.StartedAt,
            FinishedAt = file.FinishedAt,
            State = isRunning ? ContainerState.Running : file.FinishedAt is not null ? ContainerState.Exited : ContainerState.Created,
            Pid = isRunning ? process!.Pid : 0,
            ExitCode = file.ExitCode,
            Error = file.Error,
            Health = isRunning ? Health?.Status ?? "" : "",
            Ports = [.. Ports?.Ports ?? []],
            LogFolder = LogFolder,
        };
    }

    private static Dictionary<string, string> Labels(SwarmTask task) => new(task.Spec.Container.Labels)
    {
        ["com.docker.swarm.node.id"] = task.NodeId,
        ["com.docker.swarm.service.id"] = task.ServiceId,
        ["com.docker.swarm.service.name"] = task.ServiceAnnotations?.Name ?? "",
        ["com.docker.swarm.task"] = "",
        ["com.docker.swarm.task.id"] = task.Id,
        ["com.docker.swarm.task.name"] = Templates.ContainerName(task),
    };
}
