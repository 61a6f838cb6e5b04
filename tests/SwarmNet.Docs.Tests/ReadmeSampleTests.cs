namespace SwarmNet.Docs.Tests;

/// <summary>Every C# block of a package's README is a program that compiles; those that say so run, and print what the README says.</summary>
public sealed class ReadmeSampleTests
{
    private static IEnumerable<string> Readmes => ReadmeSample.Readmes;

    private static IEnumerable<ReadmeSample> Programs => Readmes.SelectMany(ReadmeSample.Of).Where(sample => sample.IsRun);

    [TestCaseSource(nameof(Readmes))]
    public void Its_samples_compile(string readme)
    {
        var samples = ReadmeSample.Of(readme);
        if (!readme.Contains("Cli", StringComparison.Ordinal))
        {
            Assert.That(samples, Is.Not.Empty, "a package's README opens with a program");
        }

        foreach (var sample in samples)
        {
            Assert.That(SampleCompiler.Errors(sample.Code), Is.Empty, sample.Code);
        }
    }

    [TestCaseSource(nameof(Programs))]
    [Category("Kernel")]
    public void It_runs_and_prints_what_the_README_says(ReadmeSample sample) => SampleRunner.Run(sample);

    [TestCase("SwarmNet.Linux")]
    [TestCase("SwarmNet.Netlink")]
    [TestCase("SwarmNet.Overlay")]
    [TestCase("SwarmNet.Raft")]
    public void These_packages_show_a_program_that_runs(string package) =>
        Assert.That(Programs.Where(sample => sample.Readme.Contains(package, StringComparison.Ordinal)), Is.Not.Empty);

    [Test]
    public void Blocks_are_found_with_what_they_print()
    {
        const string markdown = "# X\n\n```csharp\nint a;\n```\n\ntext\n\n```csharp run\nint b;\n```\n\nPrints:\n\n```csharp run\nint c;\n```\n\n```text\nhello *\n```\n";

        Assert.That(ReadmeSample.Parse("x", markdown), Is.EqualTo(new[]
        {
            new ReadmeSample("x", 1, "int a;\n", false, null),
            new ReadmeSample("x", 2, "int b;\n", true, null),
            new ReadmeSample("x", 3, "int c;\n", true, "hello *\n"),
        }));
    }

    [TestCase("Console.WriteLine(\"hello \" + 42);", "hello *\n", null)]
    [TestCase("Console.WriteLine(\"hello\");", "other\n", "line 1")]
    [TestCase("Console.WriteLine(\"a\\nb\");", "a\n", "the README says")]
    [TestCase("return 3;", null, "failed")]
    [TestCase("Console.WriteLine(string.Join(' ', Directory.GetFileSystemEntries(\"/run\")));", "/run/netns\n", null)]
    [TestCase("foreach (var i in System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()) { Console.WriteLine(i.Name); }", "lo\n", null)]
    [Category("Kernel")]
    public void A_program_is_judged_by_its_status_and_output(string code, string? output, string? complaint)
    {
        var sample = new ReadmeSample("x", 1, code, IsRun: true, output);
        if (complaint is null)
        {
            SampleRunner.Run(sample);
        }
        else
        {
            Assert.That(() => SampleRunner.Run(sample), Throws.TypeOf<AssertionException>().With.Message.Contains(complaint));
        }
    }
}
