using System.Text.Json;

namespace SwarmNet.Cli.Tests;

/// <summary>
/// Lists and inspects over answers recorded from a stock engine (Golden/lab.json), compared with what Docker's CLI printed for the same
/// answers.
/// </summary>
[TestFixture]
internal sealed class GoldenListTests
{
    private static readonly string s_clientVersionLine = $" Version:    {BuildInfo.Version}";

    private CannedEngine _engine = null!;

    public static IEnumerable<Transcript> Steps() => Transcript.Read("lists-and-inspects.txt");

    [OneTimeSetUp]
    public void Load()
    {
        using var lab = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "lab.json")));
        _engine = new CannedEngine { ChunkBytes = 1000 };
        foreach (var answer in lab.RootElement.GetProperty("answers").EnumerateObject())
        {
            _engine.On(answer.Name, answer.Value.GetProperty("body").GetString()!, answer.Value.GetProperty("status").GetInt32());
        }
    }

    [OneTimeTearDown]
    public void Stop() => _engine.Dispose();

    [TestCaseSource(nameof(Steps))]
    public void Output_is_that_of_Dockers_CLI(Transcript step)
    {
        var result = new Cli(time: new FixedTime(step.At)).Run(_engine, step.Arguments);

        Assert.Multiple(() =>
        {
            Assert.That(Comparable(result.Out), Is.EqualTo(Comparable(step.Out)));
            Assert.That(result.Error, Is.EqualTo(step.Error));
            Assert.That(result.ExitCode, Is.EqualTo(step.ExitCode));
        });
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
