using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace SwarmNet.Perf;

/// <summary>
/// Compares the bytes that an assembly's benchmarks allocate per operation with a file of wanted figures: where it says 0, 0; elsewhere about a tenth
/// more at most. Times do not count, so a few operations in this process are enough.
/// </summary>
internal static class AllocationBaseline
{
    private const int Operations = 64;

    /// <summary>Runs <c>--allocations FILE [--accept]</c> (accept: write what is measured into the file), or else the benchmarks that the arguments choose.</summary>
    /// <returns>Exit code.</returns>
    public static int Run(Assembly assembly, string[] args)
    {
        if (args is not ["--allocations", string file, .. string[] rest])
        {
            BenchmarkSwitcher.FromAssembly(assembly).Run(args);
            return 0;
        }

        SortedDictionary<string, long> measured = Measure(assembly);
        SortedDictionary<string, long> wanted = Read(file);
        string prefix = assembly.GetName().Name + ".";
        int wrong = 0;
        foreach ((string name, long bytes) in measured)
        {
            string verdict = !wanted.TryGetValue(name, out long limit) ? "is not in the file" : bytes > Allowed(limit) ? $"instead of {limit}" : "";
            wrong += verdict.Length > 0 ? 1 : 0;
            Console.WriteLine($"{name} {bytes} {verdict}".TrimEnd());
        }

        foreach (string name in wanted.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && !measured.ContainsKey(name)))
        {
            wrong++;
            Console.WriteLine($"{name} was not measured");
        }

        if (!rest.Contains("--accept"))
        {
            return wrong == 0 ? 0 : 1;
        }

        IEnumerable<KeyValuePair<string, long>> kept = wanted.Where(pair => !pair.Key.StartsWith(prefix, StringComparison.Ordinal));
        File.WriteAllLines(file, kept.Concat(measured).OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key} {pair.Value}"));
        return 0;
    }

    /// <summary>0 is exact; elsewhere buffers that grow in one run and not in another make a small difference.</summary>
    private static double Allowed(long limit) => limit == 0 ? 0 : (limit * 1.1) + 64;

    private static SortedDictionary<string, long> Measure(Assembly assembly)
    {
        Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(1).WithIterationCount(1)
            .WithInvocationCount(Operations).WithUnrollFactor(1);
        IConfig config = ManualConfig.CreateEmpty().AddJob(job).AddDiagnoser(MemoryDiagnoser.Default).AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(NullLogger.Instance).WithOptions(ConfigOptions.DisableLogFile);
        var measured = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (Summary summary in BenchmarkRunner.Run(assembly, config))
        {
            foreach (BenchmarkReport report in summary.Reports)
            {
                BenchmarkCase benchmark = report.BenchmarkCase;
                string parameters = benchmark.HasParameters ? "[" + benchmark.Parameters.PrintInfo + "]" : "";
                measured.Add(
                    $"{assembly.GetName().Name}.{benchmark.Descriptor.Type.Name}.{benchmark.Descriptor.WorkloadMethod.Name}{parameters}",
                    report.GcStats.GetBytesAllocatedPerOperation(benchmark)
                        ?? throw new InvalidOperationException($"{benchmark.DisplayInfo} was not measured"));
            }
        }

        return measured;
    }

    private static SortedDictionary<string, long> Read(string file)
    {
        var wanted = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (string line in File.Exists(file) ? File.ReadAllLines(file) : [])
        {
            int blank = line.LastIndexOf(' ');
            wanted.Add(line[..blank], long.Parse(line[(blank + 1)..], CultureInfo.InvariantCulture));
        }

        return wanted;
    }
}
