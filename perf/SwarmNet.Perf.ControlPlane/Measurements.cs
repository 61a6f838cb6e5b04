using System.Diagnostics;

namespace SwarmNet.Perf.ControlPlane;

internal readonly record struct Figure(string Title, double Value, string Unit);

/// <summary>What is measured, in order. A goal is the wanted ratio ours / peer.</summary>
internal static class Measurements
{
    private const int Tasks = 20;

    public static readonly (string Title, double Goal, bool LowerIsBetter, Func<Engine, Task<Figure[]>> Measure)[] All =
    [
        ("memory of an idle manager", 1, true, IdleAsync),
        ("start of tasks without a network", 0.5, true, engine => StartAsync(engine, overlay: false)),
        ("start, scale and removal on an overlay", 0.5, true, engine => StartAsync(engine, overlay: true)),
        ("creation of empty services", 1, false, CreateAsync),
        ("list of services", 1, true, ListAsync),
        ("start of the command line", 1, true, CliAsync),
        ("a worker dies", 1, true, WorkerDiesAsync),
    ];

    private static Task<Figure[]> IdleAsync(Engine engine) =>
        Task.FromResult<Figure[]>([new Figure("idle manager's daemon(s), memory", engine.MemoryKiB(managerOnly: true) / 1024.0, "MiB")]);

    private static async Task<Figure[]> StartAsync(Engine engine, bool overlay)
    {
        var where = overlay ? "on an overlay" : "without network";
        var network = overlay ? await engine.CreateNetworkAsync("perf") : null;
        var before = engine.MemoryKiB(managerOnly: false);
        var clock = Stopwatch.StartNew();
        var service = await engine.CreateServiceAsync("perf", Tasks, network);
        await Engine.UntilAsync(async () => await engine.RunningAsync(service) == Tasks, "all running");
        var figures = new List<Figure> { new($"{Tasks} replicas {where}: created to all Running", clock.Elapsed.TotalSeconds, "s") };
        if (overlay)
        {
            clock.Restart();
            await engine.ScaleAsync(service, 2 * Tasks);
            await Engine.UntilAsync(async () => await engine.RunningAsync(service) == 2 * Tasks, "all running after scale");
            figures.Add(new Figure($"scale {Tasks} to {2 * Tasks} {where}", clock.Elapsed.TotalSeconds, "s"));
        }
        else
        {
            figures.Add(new Figure("memory per task, all hosts", (engine.MemoryKiB(managerOnly: false) - before) / 1024.0 / Tasks, "MiB"));
        }

        clock.Restart();
        await engine.RemoveServiceAsync(service);
        await Engine.UntilAsync(async () => (await engine.TasksAsync(service)).Count == 0, "all removed");
        figures.Add(new Figure($"{(overlay ? 2 * Tasks : Tasks)} tasks {where}: removed", clock.Elapsed.TotalSeconds, "s"));
        if (network is not null)
        {
            await engine.RemoveNetworkAsync(network);
        }

        return [.. figures];
    }

    private static async Task<Figure[]> CreateAsync(Engine engine)
    {
        const int Count = 1000;
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Count; i++)
        {
            await engine.CreateServiceAsync($"empty{i}", 0, null);
        }

        return [new Figure("empty services created, one after the other", Count / clock.Elapsed.TotalSeconds, "/s")];
    }

    private static async Task<Figure[]> ListAsync(Engine engine)
    {
        var count = (await engine.ServicesAsync()).Count;
        var best = double.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var clock = Stopwatch.StartNew();
            await engine.ServicesAsync();
            best = Math.Min(best, clock.Elapsed.TotalMilliseconds);
        }

        foreach (var service in await engine.ServicesAsync())
        {
            await engine.RemoveServiceAsync((string)service!["ID"]!);
        }

        return [new Figure($"list of {count} services (best of 5)", best, "ms")];
    }

    private static async Task<Figure[]> CliAsync(Engine engine)
    {
        var times = new List<double>();
        for (var i = 0; i < 11; i++)
        {
            var clock = Stopwatch.StartNew();
            await ShellAsync(engine.Target.Cli);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        return [new Figure("command line: version (median of 11)", times.Order().ElementAt(5), "ms")];
    }

    /// <summary>Last, because it ends a host.</summary>
    private static async Task<Figure[]> WorkerDiesAsync(Engine engine)
    {
        const int Replicas = 6;
        var service = await engine.CreateServiceAsync("survivor", Replicas, null);
        await Engine.UntilAsync(async () => await engine.RunningAsync(service) == Replicas, "all running");
        var clock = Stopwatch.StartNew();
        await ShellAsync(engine.Target.KillLastHost);
        string? dead = null;
        await Engine.UntilAsync(
            async () => (dead = (string?)(await engine.NodesAsync()).FirstOrDefault(n => (string)n!["Status"]!["State"]! == "down")?["ID"]) is not null, "node down");
        var down = clock.Elapsed.TotalSeconds;
        await Engine.UntilAsync(
            async () => (await engine.TasksAsync(service)).Count(
                t => (string)t["Status"]!["State"]! == "running" && (string)t["DesiredState"]! == "running" && (string?)t["NodeID"] != dead) == Replicas,
            "tasks elsewhere");
        return [new Figure("worker killed to Down", down, "s"), new Figure("worker killed to its tasks Running elsewhere", clock.Elapsed.TotalSeconds, "s")];
    }

    private static async Task ShellAsync(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"exit code {process.ExitCode}: {command}");
        }
    }
}
