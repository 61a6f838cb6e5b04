using System.Globalization;

namespace SwarmNet.Netlink;

/// <summary>The seed of a randomised test: fresh each time and printed; <c>SWARMNET_SEED</c> repeats a run.</summary>
internal static class TestSeed
{
    internal static int Next()
    {
        string? wanted = Environment.GetEnvironmentVariable("SWARMNET_SEED");
        int seed = wanted is null ? Random.Shared.Next() : int.Parse(wanted, CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"SWARMNET_SEED={seed}");
        return seed;
    }
}
