using System.Diagnostics;

namespace SwarmNet.EngineApi.Tests.Support;

/// <summary>The stock <c>docker</c> command.</summary>
internal static class DockerCommand
{
    /// <summary>True when the machine has it.</summary>
    public static bool IsThere => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "docker")));

    /// <summary>Runs it against an engine and expects success; standard output, then standard error.</summary>
    public static async Task<string> RunAsync(TestEngine engine, string? input, params string[] arguments)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var start = new ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["DOCKER_HOST"] = "unix://" + engine.Socket;
        start.Environment["DOCKER_CONFIG"] = Path.GetDirectoryName(engine.Socket)!;
        using var process = Process.Start(start)!;
        try
        {
            await process.StandardInput.WriteAsync(input ?? "");
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            var text = await output + await error;
            Assert.That(process.ExitCode, Is.Zero, $"docker {string.Join(' ', arguments)}: {text}");
            return text;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
