using BenchmarkDotNet.Attributes;
using SwarmNet.Perf.Raft;

namespace SwarmNet.Raft.Benchmarks;

/// <summary>Propose to committed, without disk: the cost of the algorithm itself.</summary>
[MemoryDiagnoser]
public class CoreBenchmarks
{
    private readonly byte[] _command = new byte[256];
    private CoreGroup _cores = new(1);

    [Params(1, 3, 5)]
    public int Voters { get; set; }

    [GlobalSetup]
    public void Setup() => _cores = new CoreGroup(Voters);

    [Benchmark]
    public void ProposeAndCommit() => _cores.Propose(_command, 1);
}
