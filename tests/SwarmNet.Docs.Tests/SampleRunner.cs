using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SwarmNet.Docs.Tests;

/// <summary>
/// Runs a sample as a process of its own, as root, in a network namespace where only <c>lo</c> is up and in a mount namespace with an
/// empty <c>/run</c> that has the folder <c>/run/netns</c>. What it makes there vanishes with it. It must exit with 0 within a minute.
/// </summary>
internal static class SampleRunner
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);

    internal static void Run(ReadmeSample sample)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("swarmnet-sample-");
        try
        {
            Build(sample, folder.FullName);
            using Process process = Process.Start(new ProcessStartInfo("unshare")
            {
                ArgumentList =
                {
                    "--net", "--mount", "--propagation", "private", "--kill-child", "--fork",
                    "sh", "-c", "mount -t tmpfs tmpfs /run && mkdir /run/netns && ip link set lo up && exec dotnet \"$0\"", Path.Combine(folder.FullName, "Sample.dll"),
                },
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            bool ended = process.WaitForExit(TimeLimit);
            if (!ended)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }

            string printed = output.GetAwaiter().GetResult();
            Assert.That(ended, Is.True, $"{sample} runs for more than {TimeLimit.TotalSeconds} s; it has printed:\n{printed}{errors.GetAwaiter().GetResult()}");
            Assert.That(process.ExitCode, Is.Zero, $"{sample} failed; it has printed:\n{printed}{errors.GetAwaiter().GetResult()}");
            if (sample.Output is { } expected)
            {
                AssertMatches(expected, printed);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Line by line; <c>*</c> stands for anything within its line, blanks at the end of a line do not count.</summary>
    internal static void AssertMatches(string expected, string printed)
    {
        string[] wanted = Lines(expected);
        string[] got = Lines(printed);
        Assert.That(got, Has.Length.EqualTo(wanted.Length), $"the README says:\n{expected}\nthe program printed:\n{printed}");
        for (int i = 0; i < wanted.Length; i++)
        {
            Assert.That(got[i], Does.Match($"^{Regex.Escape(wanted[i]).Replace("\\*", ".*", StringComparison.Ordinal)}$"), $"line {i + 1}");
        }
    }

    private static string[] Lines(string text) => [.. text.TrimEnd().Split('\n').Select(line => line.TrimEnd())];

    private static void Build(ReadmeSample sample, string folder)
    {
        using (FileStream assembly = File.Create(Path.Combine(folder, "Sample.dll")))
        {
            var result = SampleCompiler.Compile(sample.Code).Emit(assembly);
            Assert.That(result.Success, Is.True, string.Join('\n', result.Diagnostics));
        }

        foreach (string assembly in Directory.EnumerateFiles(AppContext.BaseDirectory, "SwarmNet.*.dll"))
        {
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(assembly)), assembly);
        }

        File.WriteAllText(Path.Combine(folder, "Sample.runtimeconfig.json"), $$"""
            {
              "runtimeOptions": {
                "framework": { "name": "Microsoft.AspNetCore.App", "version": "{{Environment.Version}}" },
                "configProperties": { "System.Globalization.Invariant": true }
              }
            }
            """);
    }
}
