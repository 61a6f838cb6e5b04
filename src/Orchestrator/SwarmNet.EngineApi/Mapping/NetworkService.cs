namespace SwarmNet.EngineApi.Mapping;

/// <summary>One service on a network.</summary>
/// <param name="Name">Service name.</param>
/// <param name="Vip">Virtual address, <c>&lt;nil&gt;</c> when it has none.</param>
/// <param name="Ports">Published ports in Docker's words.</param>
/// <param name="Tasks">Running tasks.</param>
internal sealed record NetworkService(string Name, string Vip, IReadOnlyList<string> Ports, IReadOnlyList<NetworkTask> Tasks);
