using BenchmarkDotNet.Attributes;

namespace SwarmNet.Raft.Benchmarks;

/// <summary>Propose to committed, without disk: the cost of the algorithm itself.</summary>
[MemoryDiagnoser]
public class CoreBenchmarks
{
    private readonly byte[] _command = new byte[256];
    private RaftCore[] _cores = [];

    [Params(1, 3, 5)]
    public int Voters { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        ulong[] voters = [.. Enumerable.Range(1, Voters).Select(i => (ulong)i)];
        _cores = [.. voters.Select(id => new RaftCore(new RaftCoreOptions { NodeId = id, Membership = new RaftMembership(voters), Seed = (int)id }))];
        _cores[0].Campaign();
        Settle();
    }

    [Benchmark]
    public ulong ProposeAndCommit()
    {
        _cores[0].Propose(_command, out ulong index);
        Settle();
        foreach (RaftCore core in _cores)
        {
            core.SnapshotTaken(core.AppliedIndex, 64);
        }

        return index;
    }

    private void Settle()
    {
        bool busy = true;
        while (busy)
        {
            busy = false;
            foreach (RaftCore core in _cores)
            {
                if (!core.TryGetReady(out RaftReady? ready))
                {
                    continue;
                }

                busy = true;
                Deliver(ready.ImmediateMessages);
                Deliver(ready.Messages);

                core.Advance();
            }
        }
    }

    private void Deliver(IReadOnlyList<RaftMessage> messages)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            _cores[messages[i].To - 1].Step(messages[i]);
        }
    }
}
