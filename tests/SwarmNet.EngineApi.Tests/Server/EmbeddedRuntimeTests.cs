using System.Formats.Tar;
using SwarmNet.Agent.Executor;
using SwarmNet.Agent.Images;
using SwarmNet.Agent.Tasks;
using SwarmNet.EngineApi.Runtime;
using SwarmNet.EngineApi.Tests.Support;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Tests.Server;

/// <summary>The stock <c>docker</c> command on a container of the embedded runtime.</summary>
[TestFixture]
[Category("Kernel")]
[Category("Peers")]
internal sealed class EmbeddedRuntimeTests
{
    private const string Busybox = "/bin/busybox";

    [Test]
    public async Task A_tasks_container_is_listed_read_entered_and_stopped()
    {
        Assume.That(DockerCommand.IsThere && File.Exists(Busybox), "needs the docker command and a static busybox");
        var folder = Directory.CreateTempSubdirectory("swarmnet-api-runtime-");
        try
        {
            await RunAsync(folder);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(DirectoryInfo folder)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        using var images = new ImageStore(Path.Combine(folder.FullName, "images"));
        using (var archive = RootArchive())
        {
            await images.ImportAsync(archive, "box", "1", [], null, deadline.Token);
        }

        var options = new OciExecutorOptions
        {
            StateFolder = Path.Combine(folder.FullName, "state"),
            RunFolder = Path.Combine(folder.FullName, "run"),
            CgroupParent = $"swarmnet-api-{Environment.ProcessId}",
        };
        await using var executor = new OciExecutor(options, images, new HostNetwork());
        await using var controller = executor.CreateController(Sleeper(), new NoDependencies());
        try
        {
            await controller.PrepareAsync(deadline.Token);
            await controller.StartAsync(deadline.Token);
            await UseAsync(images, executor);
        }
        finally
        {
            await controller.ShutdownAsync(CancellationToken.None);
            await controller.RemoveAsync(CancellationToken.None);
        }
    }

    private static async Task UseAsync(ImageStore images, OciExecutor executor)
    {
        await using var engine = await TestEngine.StartAsync(
            null, options => options with { Images = images, Containers = new OciContainerBackend(() => executor) });
        Assert.That(await DockerAsync("ps"), Does.Contain("made.1.task1").And.Contain("box:1").And.Contain("Up "));
        Assert.That(await DockerAsync("inspect", "-f", "{{.State.Running}} {{.Config.Image}}", "made.1.task1"), Does.StartWith("true box:1"));
        Assert.That(await DockerAsync("logs", "made.1.task1"), Does.Contain("to output").And.Contain("to error"));
        Assert.That(await DockerAsync("exec", "made.1.task1", "/bin/busybox", "echo", "inside"), Is.EqualTo("inside\n"));
        Assert.That(
            await DockerCommand.RunAsync(engine, "through\n", "exec", "-i", "made.1.task1", "/bin/busybox", "cat"), Is.EqualTo("through\n"));
        Assert.That(await DockerAsync("stop", "-t", "1", "made.1.task1"), Is.EqualTo("made.1.task1\n"));
        Assert.That(await DockerAsync("ps", "-a"), Does.Contain("Exited ("));

        Task<string> DockerAsync(params string[] arguments) => DockerCommand.RunAsync(engine, null, arguments);
    }

    private static SwarmTask Sleeper()
    {
        var container = new ContainerSpec { Image = "box:1" };
        container.Command.Add([Busybox, "sh", "-c", "echo to output; echo to error >&2; exec /bin/busybox sleep 300"]);
        return new SwarmTask
        {
            Id = "task1",
            ServiceId = "service1",
            NodeId = "node1",
            Slot = 1,
            ServiceAnnotations = new Annotations { Name = "made" },
            Spec = new TaskSpec { Container = container },
            Status = new TaskStatus { State = TaskState.Assigned },
            DesiredState = TaskState.Running,
        };
    }

    private static MemoryStream RootArchive()
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/busybox")
            {
                DataStream = new MemoryStream(File.ReadAllBytes(Busybox)),
                Mode = (UnixFileMode)0x1ED,
            });
        }

        bytes.Position = 0;
        return bytes;
    }

    private sealed class NoDependencies : IDependencies
    {
        public Secret? Secret(string id) => null;

        public Config? Config(string id) => null;
    }
}
