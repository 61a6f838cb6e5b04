using NUnit.Framework;

namespace SwarmNet.Testing;

/// <summary>On the host, in place of every <see cref="GuestFixtureAttribute"/> fixture. Never found by itself: it has no attribute.</summary>
internal static class GuestStandIn
{
    /// <summary>Passes, fails or is ignored as the test of that name was in the guest.</summary>
    public static void Outcome(string testName)
    {
        GuestResult result = GuestRun.ResultOf(testName);
        TestContext.Out.Write(result.Output);
        switch (result.Outcome)
        {
            case GuestResult.Passed:
                break;
            case GuestResult.Skipped:
                Assert.Ignore(result.Message ?? "");
                break;
            default:
                Assert.Fail($"in the guest: {result.Message}\n{result.StackTrace}");
                break;
        }
    }
}
