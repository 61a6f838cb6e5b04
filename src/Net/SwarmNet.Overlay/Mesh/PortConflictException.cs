namespace SwarmNet.Overlay.Mesh;

/// <summary>Ports that cannot be published; nothing was changed.</summary>
public sealed class PortConflictException : OverlayException
{
    /// <summary>Creates the exception for ports that are asked for twice or that another process has bound.</summary>
    public PortConflictException(string message, IReadOnlyList<GuardedPort> ports)
        : base(message) => Ports = ports;

    /// <summary>The ports at fault.</summary>
    public IReadOnlyList<GuardedPort> Ports { get; }

    internal static PortConflictException Twice(IReadOnlyList<GuardedPort> ports) => new($"{Name(ports)} published twice.", ports);

    internal static PortConflictException InUse(IReadOnlyList<GuardedPort> ports, string? holder) => new(
        $"{Name(ports)} already in use by {holder ?? "a process of this host"}: stop it, or publish {(ports.Count == 1 ? "another port" : "other ports")}.", ports);

    private static string Name(IReadOnlyList<GuardedPort> ports) =>
        ports.Count == 1 ? $"Port {ports[0]} is" : $"Ports {string.Join(", ", ports.Take(10))}{(ports.Count > 10 ? " and others" : "")} are";
}
