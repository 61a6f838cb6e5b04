using SwarmNet.Protocol;

namespace SwarmNet.Agent.Session;

/// <summary>What the dispatcher session needs of the node: the seam between session and worker.</summary>
public interface IAgentHost
{
    /// <summary>The node's description; a change restarts the session. TLS information is added by the session.</summary>
    NodeDescription Describe();

    /// <summary>A session message arrived: node object, managers, gossip keys, root.</summary>
    ValueTask OnSessionMessageAsync(SessionMessage message, CancellationToken cancellationToken);

    /// <summary>Assignments arrived, COMPLETE or INCREMENTAL, in order.</summary>
    ValueTask ApplyAsync(AssignmentsMessage message, CancellationToken cancellationToken);

    /// <summary>The last known status of every task on this node, re-reported after each registration.</summary>
    IReadOnlyCollection<KeyValuePair<string, TaskStatus>> TaskStatuses { get; }
}

/// <summary>Where the worker reports a task's status; queued, sent by the session, kept until a manager has it.</summary>
public interface IStatusReporter
{
    /// <summary>Queues the status; never blocks, and a later status of the same task replaces an unsent one.</summary>
    void Report(string taskId, TaskStatus status);
}
