using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SwarmNet.Docs.Tests;

/// <summary>Every C# block of a package's README is a program that compiles.</summary>
public sealed partial class ReadmeSampleTests
{
    private const string ImplicitUsings = """
        global using global::System;
        global using global::System.Collections.Generic;
        global using global::System.IO;
        global using global::System.Linq;
        global using global::System.Net.Http;
        global using global::System.Threading;
        global using global::System.Threading.Tasks;
        """;

    private static IEnumerable<string> Readmes => Directory
        .EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Readmes"), "README.md", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Path.Combine(AppContext.BaseDirectory, "Readmes"), path))
        .Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Readmes))]
    public void Its_samples_compile(string readme)
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Readmes", readme));
        var samples = SampleBlock().Matches(text).Select(match => match.Groups[1].Value).ToList();
        if (!readme.Contains("Cli", StringComparison.Ordinal))
        {
            Assert.That(samples, Is.Not.Empty, "a package's README opens with a program");
        }

        foreach (var sample in samples)
        {
            var errors = Compile(sample).Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString());
            Assert.That(errors, Is.Empty, sample);
        }
    }

    private static IEnumerable<Diagnostic> Compile(string sample)
    {
        var parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':')
            .Select(path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create(
            "Sample",
            [CSharpSyntaxTree.ParseText(sample, parse), CSharpSyntaxTree.ParseText(ImplicitUsings, parse)],
            references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable)).GetDiagnostics();
    }

    [GeneratedRegex("^```csharp\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex SampleBlock();
}
