using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>
/// Gives up the tasks of nodes that are gone: removed, or away for a day. Orphaned tasks release what was allocated to them.
/// The day starts again with a new leader.
/// </summary>
internal sealed class NodeMonitor : IReconciler
{
    /// <summary>So long a node may be away before its tasks count as lost.</summary>
    public static readonly TimeSpan OrphanAfter = TimeSpan.FromHours(24);

    private const int BatchSize = 150;

    private readonly WorkQueue<string> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _awaySince = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public DateTimeOffset? Due => _nodes.Due;

    /// <inheritdoc/>
    public bool Wants(in StoreEvent change) => change switch
    {
        { Before: Node before, After: Node after } => before.Status?.State != after.Status?.State,
        { Before: Node } or { After: Node } => true,
        _ => false,
    };

    /// <inheritdoc/>
    public void Reset(StoreView view, DateTimeOffset now)
    {
        _nodes.Clear();
        _awaySince.Clear();
        foreach (var node in view.Nodes.All)
        {
            Look(node, now);
        }

        foreach (var nodeId in view.Tasks.All.Select(task => task.NodeId).Distinct())
        {
            if (nodeId.Length > 0 && view.Nodes.Get(nodeId) is null)
            {
                _nodes.Mark(nodeId, now);
            }
        }
    }

    /// <inheritdoc/>
    public void Observe(in StoreEvent change, DateTimeOffset now)
    {
        if (change.After is Node node)
        {
            Look(node, now);
        }
        else if (change.Before is Node removed)
        {
            _awaySince.Remove(removed.Id);
            _nodes.Mark(removed.Id, now);
        }
    }

    /// <inheritdoc/>
    public IBatch? Plan(StoreView view, DateTimeOffset now)
    {
        var batch = new WriteBatch();
        while (batch.Count < BatchSize && _nodes.TryTake(now, out var nodeId))
        {
            var isRemoved = view.Nodes.Get(nodeId) is null;
            var isLost = isRemoved || (_awaySince.TryGetValue(nodeId, out var since) && now - since >= OrphanAfter);
            if (!isLost)
            {
                continue;
            }

            var message = isRemoved ? "Task belonged to a node that has been deleted" : $"Task belonged to a node that was away for {OrphanAfter.TotalHours} hours";
            foreach (var task in view.TasksOfNode(nodeId).Where(IsLive).Take(BatchSize - batch.Count))
            {
                batch.Add(transaction => Orphan(transaction, task.Id, message), () => _nodes.Mark(nodeId, now));
            }

            if (batch.Count >= BatchSize)
            {
                _nodes.Mark(nodeId, now);
            }
        }

        return batch.Count > 0 ? batch : null;
    }

    private static bool IsLive(SwarmTask task) => task.Status.State is >= TaskState.Assigned and <= TaskState.Running;

    private void Look(Node node, DateTimeOffset now)
    {
        if (node.Status?.State is NodeState.Down or NodeState.Disconnected)
        {
            if (_awaySince.TryAdd(node.Id, now))
            {
                _nodes.Mark(node.Id, now + OrphanAfter);
            }
        }
        else
        {
            _awaySince.Remove(node.Id);
        }
    }

    private static bool Orphan(StoreTransaction transaction, string taskId, string message)
    {
        if (transaction.View.Tasks.Get(taskId) is { } current && IsLive(current))
        {
            var task = current.Clone();
            task.Status.State = TaskState.Orphaned;
            task.Status.Message = message;
            task.Status.Timestamp = transaction.Now;
            transaction.Update(task);
        }

        return true;
    }
}
