using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace SwarmNet.Testing;

/// <summary>The host's side: starts the guest when the first outcome is asked for, once per process.</summary>
internal static class GuestRun
{
    private const int LimitSeconds = 400;
    private static readonly Lazy<GuestRunReport> s_report = new(Start);

    /// <summary>How the test ended; a failure with the guest's last words when it did not get that far.</summary>
    internal static GuestResult ResultOf(string testName) =>
        s_report.Value.Results.TryGetValue(testName, out GuestResult? result)
            ? result
            : new GuestResult(testName, GuestResult.Failed, "The test did not end there. " + s_report.Value.Ending, null, null);

    /// <summary>The outcomes in a file of JSON lines; a last line that was cut short is passed over.</summary>
    internal static Dictionary<string, GuestResult> Read(IEnumerable<string> lines)
    {
        var results = new Dictionary<string, GuestResult>();
        foreach (string line in lines)
        {
            try
            {
                var result = JsonSerializer.Deserialize<GuestResult>(line);
                if (result is not null)
                {
                    results[result.Name] = result;
                }
            }
            catch (JsonException)
            {
                // The guest was killed while it wrote.
            }
        }

        return results;
    }

    private static GuestRunReport Start()
    {
        string file = Path.Combine(Path.GetTempPath(), $"swarmnet-guest-{Environment.ProcessId}-{Guid.NewGuid():N}.jsonl");
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(Runner(), ["--timeout", LimitSeconds.ToString(), "--", dotnet, typeof(GuestRun).Assembly.Location, file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The emulated processor is slow: less compiling of code that runs once.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        var words = new StringBuilder();
        try
        {
            using var process = new Process { StartInfo = start };
            DataReceivedEventHandler collect = (_, e) =>
            {
                lock (words)
                {
                    words.AppendLine(e.Data);
                }
            };
            process.OutputDataReceived += collect;
            process.ErrorDataReceived += collect;
            process.Start();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            process.WaitForExit();
            string ending = $"{Path.GetFileName(start.FileName)} ended with {process.ExitCode}: {words}";
            return new GuestRunReport(File.Exists(file) ? Read(File.ReadLines(file)) : [], ending);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Runner()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string path = Path.Combine(directory.FullName, "tests", "tools", "vm-run.sh");
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"tests/tools/vm-run.sh is in no directory above {AppContext.BaseDirectory}; run the tests from the repository.");
    }
}
