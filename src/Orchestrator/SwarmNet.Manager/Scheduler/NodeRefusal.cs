namespace SwarmNet.Manager.Scheduler;

/// <summary>Why one node was refused for a task that waits.</summary>
/// <param name="NodeId">Node id.</param>
/// <param name="Hostname">Its hostname, empty when not known.</param>
/// <param name="Reason">The rule that refused it, in Docker's words.</param>
public sealed record NodeRefusal(string NodeId, string Hostname, string Reason);
