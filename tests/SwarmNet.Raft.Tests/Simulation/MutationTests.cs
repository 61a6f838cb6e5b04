namespace SwarmNet.Raft.Tests;

/// <summary>The simulator finds each known bug that is put in on purpose. The table is docs/raft-mutants.md.</summary>
[Category("Slow")]
public class MutationTests
{
    private const int MostSeeds = 3000;

    private static IEnumerable<string> CoreMutants => Enum.GetNames<RaftMutant>().Skip(1);

    private static IEnumerable<string> EdgeMutants => Enum.GetNames<EdgeMutant>().Skip(1);

    [TestCaseSource(nameof(CoreMutants))]
    public void A_bug_in_the_core_is_found(string name) =>
        Find(seed => new SimulationOptions { Seed = seed, Mutant = Enum.Parse<RaftMutant>(name), Voters = VotersFor(name) }, name);

    [TestCaseSource(nameof(EdgeMutants))]
    public void A_bug_in_the_edge_is_found(string name) =>
        Find(seed => new SimulationOptions { Seed = seed, EdgeMutant = Enum.Parse<EdgeMutant>(name) }, name);

    // Figure 8 takes five servers; of fewer it never comes, so most clusters of other sizes would be run in vain.
    private static int VotersFor(string name) => name == nameof(RaftMutant.OldTermCommittedByCounting) ? 5 : 0;

    private static void Find(Func<int, SimulationOptions> options, string name)
    {
        int first = TestSeed.Next();
        for (int i = 0; i < MostSeeds; i++)
        {
            Simulator simulator = new(options(first + i));
            try
            {
                simulator.Run();
            }
            catch (SimulationFailure failure)
            {
                TestContext.Out.WriteLine($"| {name} | {failure.Property} | {i + 1} | {simulator.VirtualTime.TotalSeconds:F0} s in |\n{failure.Message}");
                return;
            }
        }

        Assert.Fail($"{name} was not found in {MostSeeds} clusters from seed {first} on");
    }
}
