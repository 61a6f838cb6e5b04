using System.Diagnostics;
using System.Globalization;

namespace SwarmNet.Raft.Tests;

public class SimulationTests
{
    private const string SecondsVariable = "SWARMNET_SIM_SECONDS";

    /// <summary>Fresh seeds for as long as SWARMNET_SIM_SECONDS says (default 60).</summary>
    [Test, Category("Slow")]
    public void Safe_under_faults_and_live_after_them()
    {
        int seed = TestSeed.Next();
        string? given = Environment.GetEnvironmentVariable(SecondsVariable);
        TimeSpan limit = TimeSpan.FromSeconds(given is null ? 60 : int.Parse(given, CultureInfo.InvariantCulture));
        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        TimeSpan simulated = default;
        (int Runs, ulong Entries, int Operations, int Elections, int GivenUp) total = default;
        do
        {
            Simulator simulator = Run(new SimulationOptions { Seed = seed + total.Runs });
            simulated += simulator.VirtualTime;
            total = (total.Runs + 1, total.Entries + simulator.Committed, total.Operations + simulator.OperationsDone,
                total.Elections + simulator.Elections, total.GivenUp + simulator.HistoriesGivenUp);
        }
        while (clock.Elapsed < limit);
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        TestContext.Out.WriteLine(FormattableString.Invariant(
            $"{total.Runs} clusters, {simulated.TotalHours:F1} hours simulated, {simulated / cpu:F0} hours per CPU hour; {total.Entries} entries committed, {total.Operations} client operations, {total.Elections} leaders, {total.GivenUp} histories too hard to check"));
        Assert.That(total.Operations, Is.GreaterThan(20 * total.Runs), "the simulation did real work");
        Assert.That(total.Elections, Is.GreaterThan(3 * total.Runs), "leaders changed");
    }

    [Test]
    public void Every_size_of_cluster([Values(1, 2, 3, 4, 5, 6, 7)] int voters)
    {
        int seed = TestSeed.Next();
        Simulator simulator = Run(new SimulationOptions { Seed = seed, Voters = voters, FaultTime = TimeSpan.FromSeconds(30) });
        Assert.That(simulator.OperationsDone, Is.Positive);
    }

    [Test]
    public void The_same_seed_gives_the_same_run()
    {
        SimulationOptions options = new() { Seed = TestSeed.Next(), FaultTime = TimeSpan.FromSeconds(20) };
        Simulator one = Run(options);
        Simulator two = Run(options);
        Assert.That((two.VirtualTime, two.Committed, two.OperationsDone, two.Elections), Is.EqualTo((one.VirtualTime, one.Committed, one.OperationsDone, one.Elections)));
    }

    private static Simulator Run(SimulationOptions options)
    {
        Simulator simulator = new(options);
        try
        {
            simulator.Run();
        }
        catch (SimulationFailure failure)
        {
            // Played again: SWARMNET_SEED and one run.
            Assert.Fail($"seed {options.Seed} after {simulator.VirtualTime}: {failure.Message}");
        }

        return simulator;
    }
}
