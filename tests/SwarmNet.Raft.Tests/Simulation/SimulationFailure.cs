namespace SwarmNet.Raft.Tests;

/// <summary>A property that did not hold, by name; the message tells where.</summary>
internal sealed class SimulationFailure(string property, string message) : Exception($"{property}: {message}")
{
    public string Property => property;
}
