namespace SwarmNet.Raft.Tests;

/// <summary>One run; everything else follows from the seed.</summary>
internal sealed record SimulationOptions
{
    public required int Seed { get; init; }

    /// <summary>First voters; 0 = by the seed, 1 to 7.</summary>
    public int Voters { get; init; }

    /// <summary>Virtual time with faults; 0 = by the seed, 15 to 200 s.</summary>
    public TimeSpan FaultTime { get; init; }

    public RaftMutant Mutant { get; init; }

    public EdgeMutant EdgeMutant { get; init; }
}
