namespace SwarmNet.Testing;

/// <summary>How one test ended inside the guest; a line of JSON in the file that host and guest share.</summary>
/// <param name="Name">The test's full name.</param>
/// <param name="Outcome"><see cref="Passed"/>, <see cref="Skipped"/> or <see cref="Failed"/>.</param>
/// <param name="Message">Why it failed or was skipped.</param>
/// <param name="StackTrace">Where it failed.</param>
/// <param name="Output">What it wrote.</param>
internal sealed record GuestResult(string Name, string Outcome, string? Message, string? StackTrace, string? Output)
{
    internal const string Passed = "passed";
    internal const string Skipped = "skipped";
    internal const string Failed = "failed";
}
