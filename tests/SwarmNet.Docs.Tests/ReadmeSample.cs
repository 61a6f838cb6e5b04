using System.Text.RegularExpressions;

namespace SwarmNet.Docs.Tests;

/// <summary>
/// A C# block of a package's README. One whose fence says <c>```csharp run</c> is a stand-alone program: the tests run it as root in
/// scratch namespaces (see <see cref="SampleRunner"/>). The <c>```text</c> block behind it is what it prints; there <c>*</c> stands for
/// anything within a line.
/// </summary>
/// <param name="Readme">Path of the README below <c>src</c>.</param>
/// <param name="Number">1 = the first C# block of that README.</param>
/// <param name="Code">Top-level statements; the implicit usings of the SDK apply.</param>
/// <param name="IsRun">Whether it is run.</param>
/// <param name="Output">What it prints, null when the README does not say.</param>
public sealed partial record ReadmeSample(string Readme, int Number, string Code, bool IsRun, string? Output)
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Readmes");

    /// <summary>All READMEs, relative to <c>src</c>.</summary>
    public static IEnumerable<string> Readmes => Directory
        .EnumerateFiles(Folder, "README.md", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Folder, path))
        .Order(StringComparer.Ordinal);

    /// <summary>The C# blocks of one README.</summary>
    public static IReadOnlyList<ReadmeSample> Of(string readme) => Parse(readme, File.ReadAllText(Path.Combine(Folder, readme)));

    /// <summary>The C# blocks of a README's text.</summary>
    public static IReadOnlyList<ReadmeSample> Parse(string readme, string markdown) => [.. Block().Matches(markdown).Select((match, index) => new ReadmeSample(
        readme,
        index + 1,
        match.Groups["code"].Value,
        match.Groups["run"].Success,
        match.Groups["output"].Success ? match.Groups["output"].Value : null))];

    /// <summary>For test names.</summary>
    public override string ToString() => $"{Readme} #{Number}";

    [GeneratedRegex("^```csharp(?<run> run)?\n(?<code>.*?)^```\n(\n*```text\n(?<output>.*?)^```)?", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
