namespace SwarmNet.Testing;

/// <summary>What one run of the guest left.</summary>
/// <param name="Results">Outcomes by the tests' full names.</param>
/// <param name="Ending">The runner's exit code and all that was written.</param>
internal sealed record GuestRunReport(Dictionary<string, GuestResult> Results, string Ending);
