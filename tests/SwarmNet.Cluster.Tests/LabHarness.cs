using SwarmNet.Linux;

namespace SwarmNet.Cluster.Tests;

/// <summary>A lab of its own for a test: hosts in namespaces, started and driven through the <c>swarm</c> binary as a user would.</summary>
internal sealed partial class LabHarness : IAsyncDisposable
{
    /// <summary>Requests in a row after which each task of a small service has had its turn: they walk a table of so many slots, in no regular order.</summary>
    public const int Turns = 23;

    private static readonly SemaphoreSlim _imageGate = new(1, 1);

    private LabHarness(string name) => Name = name;

    public static string Binary => Path.Combine(TestContext.CurrentContext.TestDirectory, "swarm");

    public string Name { get; }

    public string Folder => Path.Combine("/var/lib/swarmnet-labs", Name);

    public static async Task<LabHarness> UpAsync(int nodes, string purpose)
    {
        var lab = new LabHarness($"t{Environment.ProcessId % 100_000}-{purpose}");
        (await lab.LabAsync(60, "up", "--nodes", $"{nodes}")).Ok();
        return lab;
    }

    /// <summary>A swarm on all hosts, the first ones its managers, with a busybox image on each.</summary>
    public static async Task<LabHarness> SwarmAsync(int nodes, string purpose, int managers = 1)
    {
        var lab = await UpAsync(nodes, purpose);
        try
        {
            await lab.InitAsync(nodes, managers: managers);
            return lab;
        }
        catch
        {
            await lab.ReportAsync();
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <param name="nodes">Number of hosts.</param>
    /// <param name="init">More arguments of <c>swarm init</c>.</param>
    /// <param name="join">More arguments of <c>swarm join</c>, by the host's number.</param>
    /// <param name="manager">Address of the first host.</param>
    /// <param name="managers">How many of the hosts join as managers, the first one among them.</param>
    public async Task InitAsync(int nodes, string[]? init = null, Func<int, string[]>? join = null, string manager = "10.77.0.11", int managers = 1)
    {
        (await OnAsync("node1", ["swarm", "init", "--advertise-addr", manager, .. init ?? []])).Ok();
        var workerToken = (await OnAsync("node1", "swarm", "join-token", "-q", "worker")).Ok().Text;
        var managerToken = (await OnAsync("node1", "swarm", "join-token", "-q", "manager")).Ok().Text;
        for (var n = 1; n <= nodes; n++)
        {
            if (n > 1)
            {
                var isManager = n <= managers;
                await JoinAsync(
                    $"node{n}", isManager ? managerToken : workerToken, $"{new System.Net.IPEndPoint(System.Net.IPAddress.Parse(manager), 2377)}", isManager ? "manager" : "worker",
                    join?.Invoke(n) ?? []);
            }

            await ImportAsync($"node{n}");
        }
    }

    /// <summary>Gives a host the busybox image.</summary>
    public async Task ImportAsync(string node) =>
        (await OnAsync(node, "swarm", "image", "import", "--change", "CMD [\"sh\"]", await ImageAsync(), "busybox:latest")).Ok();

    public string Socket(string node) => Path.Combine(Folder, node, "run", "swarm.sock");

    public Task<CommandResult> LabAsync(int seconds, string verb, params string[] arguments) =>
        CommandResult.RunAsync(Binary, ["lab", verb, "--name", Name, .. arguments], seconds);

    /// <summary>Runs a command in a host, or <c>outside</c>.</summary>
    public Task<CommandResult> OnAsync(string host, params string[] command) => OnAsync(host, 60, command);

    public Task<CommandResult> OnAsync(string host, int seconds, params string[] command) =>
        CommandResult.RunAsync(Binary, ["lab", "exec", "--name", Name, host, "--", .. command], seconds);

    /// <summary>Runs the stock <c>docker</c> CLI against a host's socket.</summary>
    public Task<CommandResult> DockerAsync(string host, params string[] arguments) =>
        CommandResult.RunAsync("docker", ["-H", "unix://" + Socket(host), .. arguments], 90);

    /// <summary>Waits for a condition, asked every 200 ms or so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 60, int everyMs = 200)
    {
        var deadline = Environment.TickCount64 + (seconds * 1000L);
        while (!await condition())
        {
            Assert.That(Environment.TickCount64, Is.LessThan(deadline), $"not within {seconds} s: {what}");
            await Task.Delay(everyMs);
        }
    }

    /// <summary>Waits until a service shows these replicas, such as <c>5/5</c>.</summary>
    public async Task ReplicasAsync(string service, string replicas, int seconds = 60, string manager = "node1")
    {
        try
        {
            await UntilAsync(
                async () => (await OnAsync(manager, "swarm", "service", "ls", "--format", "{{.Name}} {{.Replicas}}")).Lines.Contains($"{service} {replicas}"),
                $"{service} runs {replicas}",
                seconds);
        }
        catch
        {
            TestContext.Out.WriteLine((await OnAsync(manager, "swarm", "service", "ps", "--no-trunc", service)).Output);
            throw;
        }
    }

    /// <summary>The bodies of several requests from a client outside to a node's published port.</summary>
    public async Task<List<string>> CurlAsync(string url, int times, string from = "outside")
    {
        var answers = new List<string>();
        for (var i = 0; i < times; i++)
        {
            answers.Add((await OnAsync(from, "curl", "-sS", "-m", "5", url)).Ok().Text);
        }

        return answers;
    }

    /// <summary>Runs a command in the only running container of a service; its output.</summary>
    public async Task<CommandResult> InServiceAsync(string service, params string[] command)
    {
        var node = (await OnAsync("node1", "swarm", "service", "ps", service, "--filter", "desired-state=running", "--format", "{{.Node}}")).Ok().Text;
        var container = (await OnAsync(node, "swarm", "ps", "-q", "--filter", "name=" + service)).Ok().Text;
        return await OnAsync(node, ["swarm", "exec", container, .. command]);
    }

    /// <summary>Waits until so many different tasks, and nobody else, answer a client outside; until then a request may fail.</summary>
    public async Task AnswerersAsync(string url, int tasks)
    {
        var last = "";
        try
        {
            await UntilAsync(
                async () =>
                {
                    var results = new List<CommandResult>();
                    for (var i = 0; i < 3 * tasks; i++)
                    {
                        results.Add(await OnAsync("outside", "curl", "-sS", "-m", "5", url));
                    }

                    last = string.Join("; ", results.Select(r => r.ExitCode == 0 ? r.Text : r.Error.Trim()).Distinct());
                    return results.TrueForAll(r => r.ExitCode == 0) && results.Select(r => r.Text).Distinct().Count() == tasks;
                },
                $"{tasks} tasks answer at {url}");
        }
        catch
        {
            TestContext.Out.WriteLine($"the last answers of {url}: {last}");
            throw;
        }
    }

    /// <summary>Prints what the daemons logged last; call it when a test fails.</summary>
    public async Task ReportAsync()
    {
        foreach (var log in Directory.Exists(Folder) ? Directory.GetFiles(Folder, "daemon.log", SearchOption.AllDirectories).Order() : Enumerable.Empty<string>())
        {
            TestContext.Out.WriteLine($"---- {log}");
            foreach (var line in (await File.ReadAllLinesAsync(log)).TakeLast(60))
            {
                TestContext.Out.WriteLine(line);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
        {
            await ReportAsync();
        }

        (await LabAsync(60, "down")).Ok();
    }

    /// <summary>What is left on this machine of a lab that is down: nothing, or the test fails.</summary>
    public void AssertNothingLeft(MachineState before)
    {
        var after = MachineState.Capture();
        Assert.Multiple(() =>
        {
            Assert.That(Directory.Exists(Folder), Is.False, "the lab's folder");
            Assert.That(MountTable.List().Select(m => m.MountPoint).Where(m => m.Contains(Name, StringComparison.Ordinal)), Is.Empty, "mounts");
            Assert.That(after.Cgroups.Where(c => c.Contains(Name, StringComparison.Ordinal)), Is.Empty, "control groups");
            Assert.That(after.Processes.Where(p => p.Contains(Name, StringComparison.Ordinal)), Is.Empty, "processes");
            Assert.That(after.Links.Except(before.Links), Is.Empty, "links");
        });
    }

    /// <summary>The path of a busybox image as a tar archive.</summary>
    public static async Task<string> ImageAsync()
    {
        await _imageGate.WaitAsync();
        try
        {
            var tar = Path.Combine(Path.GetTempPath(), $"swarmnet-busybox-{Environment.ProcessId}.tar");
            if (!File.Exists(tar))
            {
                (await CommandResult.RunAsync(Path.Combine(TestContext.CurrentContext.TestDirectory, "busybox-rootfs.sh"), [tar])).Ok();
            }

            return tar;
        }
        finally
        {
            _imageGate.Release();
        }
    }
}
