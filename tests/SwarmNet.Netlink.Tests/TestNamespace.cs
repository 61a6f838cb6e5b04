using System.Diagnostics;
using SwarmNet.Linux;

namespace SwarmNet.Netlink;

/// <summary>A fresh network namespace for one test, deleted at its end; runs tools inside as second witnesses.</summary>
internal sealed class TestNamespace : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"swarmnet-netlink-{Environment.ProcessId}-{Guid.NewGuid():N}");

    internal TestNamespace() => Namespace = NetworkNamespace.Create(_path);

    internal NetworkNamespace Namespace { get; }

    public void Dispose()
    {
        Namespace.Dispose();
        NetworkNamespace.Delete(_path);
    }

    /// <summary>Runs a tool inside and returns what it prints; fails the test when it exits with another status than 0.</summary>
    internal string Exec(string tool, string arguments)
    {
        var start = new ProcessStartInfo("nsenter", $"--net={_path} {tool} {arguments}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, $"{tool} {arguments}: {error.GetAwaiter().GetResult()}");
        return output;
    }
}
