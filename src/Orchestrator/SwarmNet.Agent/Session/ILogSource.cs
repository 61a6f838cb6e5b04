using SwarmNet.Protocol;

namespace SwarmNet.Agent.Session;

/// <summary>Where the output of this node's tasks is read: the seam between the session and the executor, for <c>service logs</c>.</summary>
public interface ILogSource
{
    /// <summary>
    /// The lines of every task on this node that <paramref name="selector"/> matches (by service id, node id or task id; any match), each
    /// task's in order. Without <c>follow</c> it ends with the last line; with it, it goes on, tasks that start later included, until
    /// cancelled. The message's context names service and task; the session adds the node.
    /// </summary>
    /// <param name="selector">Which tasks.</param>
    /// <param name="options">Streams (none = all), follow, since, and tail as SwarmKit encodes it: 0 all, −1 none, −n the last n−1 lines.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    IAsyncEnumerable<LogMessage> ReadAsync(LogSelector selector, LogSubscriptionOptions options, CancellationToken cancellationToken);
}
