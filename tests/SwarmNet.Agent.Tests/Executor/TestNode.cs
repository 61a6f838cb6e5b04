using System.Formats.Tar;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Agent.Executor;
using SwarmNet.Agent.Images;
using SwarmNet.Agent.Storage;
using SwarmNet.Agent.Tasks;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tests.Executor;

/// <summary>An executor and a worker over folders of the test's own; a restart makes new ones over the same folders.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly string _cgroup = "swarmnet-test-" + Guid.NewGuid().ToString("N")[..8];
    private ImageStore _images = null!;
    private TaskDatabase _database = null!;
    private bool _isUp;

    public string Cgroup => _cgroup;

    public string State => _folder["state"];

    public EmptyNodeNetwork Network { get; private set; } = null!;

    public OciExecutor Executor { get; private set; } = null!;

    public ImageStore Images => _images;

    public Worker Worker { get; private set; } = null!;

    public TaskDatabase Database => _database;

    public static async Task<TestNode> StartAsync(Func<OciExecutorOptions, OciExecutorOptions>? change = null)
    {
        var node = new TestNode();
        await node.UpAsync(change);
        await node._images.ImportAsync(BusyboxTar(), "busybox", null, ["CMD [\"sh\"]", "ENV FROM_IMAGE=1"], null, CancellationToken.None);
        return node;
    }

    /// <summary>A root file system of busybox and the folders that tests use.</summary>
    public static MemoryStream BusyboxTar()
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var name in new[] { "bin/", "tmp/", "etc/", "data/" })
            {
                writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, name) { Mode = (UnixFileMode)(name == "tmp/" ? 0x3FF : 0x1ED) });
            }

            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/busybox")
            {
                Mode = (UnixFileMode)0x1ED,
                DataStream = new MemoryStream(File.ReadAllBytes("/bin/busybox")),
            });
            foreach (var name in new[] { "sh", "cat", "echo", "sleep", "id", "hostname", "env", "ls", "dd", "kill", "stat", "touch", "test", "mount", "true", "false", "tail", "seq" })
            {
                writer.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "bin/" + name) { LinkName = "bin/busybox" });
            }

            Text(writer, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:33:34:web:/var/www:/bin/sh\n");
            Text(writer, "etc/group", "root:x:0:\nweb:x:34:\nstaff:x:50:web\n");
            Text(writer, "data/seed", "from the image\n");
        }

        tar.Position = 0;
        return tar;
    }

    /// <summary>A task that runs a shell line.</summary>
    public static SwarmTask Shell(string line, Action<SwarmTask>? change = null)
    {
        var task = new SwarmTask
        {
            Id = Identifiers.New(),
            ServiceId = "service1",
            NodeId = "node1",
            Slot = 2,
            ServiceAnnotations = new Annotations { Name = "web" },
            DesiredState = TaskState.Running,
            Status = new TaskStatus { State = TaskState.Assigned },
            Spec = new TaskSpec { Container = new ContainerSpec { Image = "busybox", StopGracePeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)) } },
        };
        task.Spec.Container.Args.Add(["sh", "-c", line]);
        change?.Invoke(task);
        return task;
    }

    public async Task AssignAsync(params SwarmTask[] tasks)
    {
        var message = new AssignmentsMessage { Type = AssignmentsMessage.Types.Type.Incremental };
        message.Changes.Add(tasks.Select(t => new AssignmentChange { Assignment = new Assignment { Task = t.Clone() } }));
        await Worker.ApplyAsync(message, CancellationToken.None);
    }

    public async Task AssignOnlyAsync(params SwarmTask[] tasks)
    {
        var message = new AssignmentsMessage { Type = AssignmentsMessage.Types.Type.Complete };
        message.Changes.Add(tasks.Select(t => new AssignmentChange { Assignment = new Assignment { Task = t.Clone() } }));
        await Worker.ApplyAsync(message, CancellationToken.None);
    }

    public async Task<TaskStatus> ReachesAsync(SwarmTask task, TaskState state)
    {
        TaskStatus? status = null;
        await UntilAsync(
            () => (status = Worker.TaskStatuses.FirstOrDefault(s => s.Key == task.Id).Value)?.State >= state,
            () => $"{task.Id} is {status}, wanted {state}");
        Assert.That(status!.State, Is.EqualTo(state), status.ToString());
        return status;
    }

    public static async Task UntilAsync(Func<bool> condition, Func<string>? what = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.That(TimeProvider.System.GetElapsedTime(start), Is.LessThan(Deadline), what?.Invoke() ?? "the condition came too late");
            await Task.Delay(10);
        }
    }

    public async Task<string> LogAsync(SwarmTask task, bool error = false)
    {
        var id = Executor.Containers.List().Single(c => c.Task.Id == task.Id).Id;
        var text = "";
        await foreach (var entry in Executor.ReadLogAsync(id, new ContainerLogQuery { Output = !error, Error = error }, CancellationToken.None))
        {
            text += System.Text.Encoding.UTF8.GetString(entry.Line.Span);
        }

        return text;
    }

    /// <summary>A new daemon over the same state, while containers run on.</summary>
    public async Task RestartAsync(Func<Task>? whileDown = null)
    {
        await DownAsync();
        await (whileDown?.Invoke() ?? Task.CompletedTask);
        await UpAsync(null);
    }

    /// <summary>Removes everything and checks that nothing is left.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_isUp)
        {
            await UpAsync(null);
        }

        await Worker.RemoveAllAsync(CancellationToken.None);
        var left = Executor.Containers.List().Select(c => c.Id).ToList();
        await DownAsync();
        var mounts = File.ReadLines("/proc/self/mountinfo").Where(l => l.Contains(_folder.Path, StringComparison.Ordinal)).ToList();
        var cgroups = Directory.GetDirectories("/sys/fs/cgroup").Select(h => Path.Combine(h, _cgroup)).Where(Directory.Exists).ToList();
        var processes = Processes(_folder.Path);
        _folder.Dispose();
        Assert.That(left, Is.Empty, "containers left");
        Assert.That(mounts, Is.Empty, "mounts left");
        Assert.That(cgroups, Is.Empty, "cgroups left");
        Assert.That(processes, Is.Empty, "processes left");
    }

    public static List<string> Processes(string argument)
    {
        var found = new List<string>();
        foreach (var folder in Directory.GetDirectories("/proc").Where(f => char.IsAsciiDigit(f[6])))
        {
            try
            {
                var line = File.ReadAllText(folder + "/cmdline").Replace('\0', ' ');
                if (line.Contains(argument, StringComparison.Ordinal))
                {
                    found.Add(line);
                }
            }
            catch (IOException)
            {
                // Ended.
            }
        }

        return found;
    }

    private static void Text(TarWriter writer, string name, string text) =>
        writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
        {
            Mode = (UnixFileMode)0x1A4,
            DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)),
        });

    private async Task UpAsync(Func<OciExecutorOptions, OciExecutorOptions>? change)
    {
        Network ??= new EmptyNodeNetwork(_folder["run/netns"]);
        _images = new ImageStore(State);
        var options = new OciExecutorOptions
        {
            StateFolder = State,
            RunFolder = _folder["run"],
            CgroupParent = _cgroup,
            Hostname = "node-one",
            DrainDelay = TimeSpan.Zero,
        };
        Executor = new OciExecutor(change?.Invoke(options) ?? options, _images, Network);
        _database = TaskDatabase.Open(Path.Combine(State, "worker"));
        Worker = new Worker(Executor, _database);
        await Worker.StartAsync(CancellationToken.None);
        _isUp = true;
    }

    private async Task DownAsync()
    {
        _isUp = false;
        await Worker.DisposeAsync();
        await Executor.DisposeAsync();
        await _database.DisposeAsync();
        _images.Dispose();
    }
}
