namespace SwarmNet.Manager.Scheduler;

/// <summary>
/// How much a node wants a task, strategy <c>spread</c>; the smallest wins. Fields are compared in this order, the id only so that equal
/// nodes have an order at all.
/// </summary>
internal readonly record struct NodeRank(int Failures, int ServiceTasks, int Tasks, string NodeId) : IComparable<NodeRank>
{
    /// <summary>So many failures in five minutes push a node to the end.</summary>
    private const int MaxFailures = 5;

    public static NodeRank Of(NodeInfo node, SwarmTask task, DateTimeOffset now)
    {
        var failures = node.RecentFailures(task, now);
        return new NodeRank(
            failures >= MaxFailures ? failures : 0, node.ActiveTasksOf(task.ServiceId), node.ActiveTasks, node.Node.Id);
    }

    public int CompareTo(NodeRank other)
    {
        var order = Failures.CompareTo(other.Failures);
        order = order != 0 ? order : ServiceTasks.CompareTo(other.ServiceTasks);
        order = order != 0 ? order : Tasks.CompareTo(other.Tasks);
        return order != 0 ? order : string.CompareOrdinal(NodeId, other.NodeId);
    }
}
