namespace SwarmNet.Raft.Tests;

public class SimulationTests
{
    [Test]
    public void Safe_under_faults_and_live_after_them([Values(1, 2, 3, 5)] int size)
    {
        int seed = TestSeed.Next();
        ulong applied = 0;
        for (int run = 0; run < 10; run++)
        {
            try
            {
                SimulatedCluster cluster = new(size, seed + run);
                for (int round = 0; round < 3; round++)
                {
                    cluster.Fault(steps: 800);
                    cluster.Heal();
                }

                applied += cluster.HighestApplied;
            }
            catch (Exception exception) when (exception is not AssertionException)
            {
                throw new InvalidOperationException($"size {size}, seed {seed + run}", exception);
            }
            catch (AssertionException exception)
            {
                throw new AssertionException($"size {size}, seed {seed + run}: {exception.Message}", exception);
            }
        }

        Assert.That(applied, Is.GreaterThan(100), "the simulation did real work");
    }
}
