using NUnit.Framework;

namespace SwarmNet.Testing;

/// <summary>Seeds of randomised tests: printed with every run, and taken back from the environment variable <c>SWARMNET_SEED</c> to play a run again.</summary>
internal static class TestSeed
{
    private const string Variable = "SWARMNET_SEED";

    /// <summary>The seed for the running test, in [0, 2^30); written to the test's output.</summary>
    /// <exception cref="FormatException">The variable is set, but not to such a number.</exception>
    public static int Next()
    {
        var given = Environment.GetEnvironmentVariable(Variable);
        int seed;
        if (string.IsNullOrEmpty(given))
        {
            seed = TestContext.CurrentContext.Random.Next(1 << 30);
        }
        else if (!int.TryParse(given, out seed) || seed is < 0 or >= 1 << 30)
        {
            throw new FormatException($"{Variable} is \"{given}\": a whole number from 0 to {(1 << 30) - 1} would be right.");
        }

        TestContext.Out.WriteLine($"seed {seed} (to play it again: {Variable}={seed})");
        return seed;
    }
}
