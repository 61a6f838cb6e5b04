using System.Diagnostics;

namespace SwarmNet.Manager.Peers;

/// <summary>A stock dockerd in namespaces of its own (Debian packages docker.io and docker-cli, busybox-static, iproute2, curl).</summary>
internal sealed class StockEngine : IAsyncDisposable
{
    // Short enough for a link's name, and different in every test process.
    private readonly string _name = $"se{Environment.ProcessId % 1_000_000}";
    private readonly string _folder;

    private StockEngine(string innerAddress)
    {
        InnerAddress = innerAddress;
        _folder = Path.Combine(Path.GetTempPath(), _name);
    }

    /// <summary>Why there can be none on this machine; null = there can.</summary>
    public static string? Obstacle => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "dockerd")))
        ? null : "dockerd is missing (Debian package docker.io)";

    /// <summary>The engine's hostname.</summary>
    public string Name => _name;

    /// <summary>The address on our side; only of an engine that is joined to the test's own namespace.</summary>
    public string OuterAddress => $"{InnerAddress[..InnerAddress.LastIndexOf('.')]}.254";

    /// <summary>The engine's address.</summary>
    public string InnerAddress { get; }

    /// <summary>An engine on a link to the namespace of the test.</summary>
    public static Task<StockEngine> StartAsync(CancellationToken cancellationToken)
    {
        var engine = new StockEngine($"10.213.{1 + (Environment.ProcessId % 250)}.1");
        return engine.UpAsync(engine.OuterAddress, cancellationToken);
    }

    /// <summary>An engine on a bridge of another namespace.</summary>
    public static Task<StockEngine> StartAsync(string switchNamespace, string bridge, string address, CancellationToken cancellationToken) =>
        new StockEngine(address).UpAsync($"{switchNamespace}:{bridge}", cancellationToken);

    /// <summary>Runs the docker client against it; its output, standard error included.</summary>
    public async Task<(int ExitCode, string Output)> DockerAsync(CancellationToken cancellationToken, params string[] arguments)
        => await RunAsync("docker", ["-H", $"unix://{_folder}/run/docker.sock", .. arguments], cancellationToken);

    public async ValueTask DisposeAsync() => await ScriptAsync("down", CancellationToken.None);

    private async Task<StockEngine> UpAsync(string outer, CancellationToken cancellationToken)
    {
        try
        {
            await ScriptAsync("up", cancellationToken, outer, InnerAddress);
            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task ScriptAsync(string command, CancellationToken cancellationToken, params string[] arguments)
    {
        var script = Path.Combine(TestContext.CurrentContext.TestDirectory, "stock-engine.sh");

        // What the script starts inherits its output: into a file, or reading it would wait for the engine's end.
        var log = Path.Combine(Path.GetTempPath(), $"{_name}.log");
        var (exitCode, _) = await RunAsync("bash", ["-c", "exec bash \"$@\" >\"$0\" 2>&1", log, script, command, _folder, _name, .. arguments], cancellationToken);
        var output = File.Exists(log) ? await File.ReadAllTextAsync(log, cancellationToken) : "";
        File.Delete(log);
        Assert.That(exitCode, Is.Zero, output);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, (await output + await errors).Trim());
    }
}
