namespace SwarmNet.Raft.Tests;

/// <summary>One run; everything else follows from the seed.</summary>
internal sealed record SimulationOptions
{
    public required int Seed { get; init; }

    /// <summary>First voters; 0 = by the seed, 1 to 7.</summary>
    public int Voters { get; init; }

    public TimeSpan FaultTime { get; init; } = TimeSpan.FromSeconds(60);

    public RaftMutant Mutant { get; init; }

    public EdgeMutant EdgeMutant { get; init; }
}
