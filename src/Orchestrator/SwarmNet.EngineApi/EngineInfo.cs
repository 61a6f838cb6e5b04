namespace SwarmNet.EngineApi;

/// <summary>What does not change about an engine while it runs; the rest of <c>GET /info</c> is read from the machine.</summary>
public sealed record EngineInfo
{
    /// <summary>Identity of this engine, kept over restarts; any text.</summary>
    public required string Id { get; init; }

    /// <summary>Host name, as the node's description has it.</summary>
    public required string Hostname { get; init; }

    /// <summary>State folder.</summary>
    public required string StateFolder { get; init; }

    /// <summary>Version of the engine.</summary>
    public string Version { get; init; } = typeof(EngineInfo).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>Engine labels, <c>name=value</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The OCI runtime's name, <c>crun</c> or <c>runc</c>; empty when this node runs no containers.</summary>
    public string RuntimeName { get; init; } = "";

    /// <summary>The OCI runtime's path.</summary>
    public string RuntimePath { get; init; } = "";

    /// <summary>Log drivers that services may name.</summary>
    public IReadOnlyList<string> LogDrivers { get; init; } = ["json-file"];
}
