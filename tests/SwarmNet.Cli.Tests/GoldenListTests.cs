using System.Text.Json;

namespace SwarmNet.Cli.Tests;

/// <summary>
/// Lists and inspects over answers recorded from a stock engine (Golden/*.json), compared with what Docker's CLI printed for the same
/// answers.
/// </summary>
[TestFixture]
internal sealed class GoldenListTests
{
    private static readonly string s_clientVersionLine = $" Version:    {BuildInfo.Version}";

    private readonly Dictionary<string, CannedEngine> _engines = [];

    public static IEnumerable<object[]> Steps() =>
        from recording in ((string Answers, string Transcript)[])[("lab", "lists-and-inspects"), ("three-managers", "three-managers"), ("leader-down", "leader-down"), ("no-quorum", "no-quorum")]
        from step in Transcript.Read(recording.Transcript + ".txt")
        select new object[] { recording.Answers, step };

    [OneTimeTearDown]
    public void Stop()
    {
        foreach (var engine in _engines.Values)
        {
            engine.Dispose();
        }
    }

    [TestCaseSource(nameof(Steps))]
    public void Output_is_that_of_Dockers_CLI(string answers, Transcript step)
    {
        var result = new Cli(time: new FixedTime(step.At)).Run(Engine(answers), step.Arguments);

        Assert.Multiple(() =>
        {
            Assert.That(Comparable(result.Out), Is.EqualTo(Comparable(step.Out)));
            Assert.That(result.Error, Is.EqualTo(step.Error));
            Assert.That(result.ExitCode, Is.EqualTo(step.ExitCode));
        });
    }

    private CannedEngine Engine(string answers)
    {
        if (_engines.TryGetValue(answers, out var engine))
        {
            return engine;
        }

        using var recorded = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", answers + ".json")));
        _engines[answers] = engine = new CannedEngine { ChunkBytes = 1000 };
        foreach (var answer in recorded.RootElement.GetProperty("answers").EnumerateObject())
        {
            engine.On(answer.Name, answer.Value.GetProperty("body").GetString()!, answer.Value.GetProperty("status").GetInt32());
        }

        return engine;
    }

    /// <summary>The client's own version differs; runtimes come out of a Go map in any order.</summary>
    private static string Comparable(string text) => string.Join('\n', text.Split('\n').Select(line =>
        line == s_clientVersionLine || line == " Version:    28.2.2" ? " Version:"
        : line.StartsWith(" Runtimes: ", StringComparison.Ordinal) ? " Runtimes: " + string.Join(' ', line[11..].Split(' ').Order())
        : line));

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
