using SwarmNet.Protocol;

namespace SwarmNet.Agent.Storage;

/// <summary>What the node knows of one task across restarts.</summary>
/// <param name="Id">Task id.</param>
/// <param name="Task">The last assignment; null when only a status is known.</param>
/// <param name="Status">The last status that may have been reported; null before the first.</param>
/// <param name="IsAssigned">False once the manager dropped the task and its removal has begun.</param>
public sealed record StoredTask(string Id, SwarmTask? Task, TaskStatus? Status, bool IsAssigned);
