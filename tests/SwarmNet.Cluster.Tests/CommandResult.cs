using System.Diagnostics;
using System.Text;

namespace SwarmNet.Cluster.Tests;

/// <summary>What a command printed, and how it ended.</summary>
internal sealed record CommandResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>Standard output without the last newline.</summary>
    public string Text => Output.TrimEnd('\n');

    public string[] Lines => Text.Length == 0 ? [] : Text.Split('\n');

    public CommandResult Ok()
    {
        Assert.That(ExitCode, Is.Zero, $"$ {Command}\n{Output}{Error}");
        return this;
    }

    /// <summary>Runs a program to its end; kills it after <paramref name="seconds"/>.</summary>
    public static async Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments, int seconds = 60, string? input = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        var shown = $"{Path.GetFileName(program)} {string.Join(' ', start.ArgumentList)}";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"not done within {seconds} s: {shown}");
        }

        return new CommandResult(shown, process.ExitCode, await output, await error);
    }
}
