namespace SwarmNet.Agent.Executor;

/// <summary>A mount of an OCI bundle.</summary>
internal sealed record OciMount(string Destination, string Type, string Source, params string[] Options);
