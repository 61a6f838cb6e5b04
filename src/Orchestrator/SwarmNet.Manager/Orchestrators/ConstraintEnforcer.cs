using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Scheduler;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>
/// Rejects tasks whose node, after a change of the node, no longer meets the constraints of their service or has too little for their
/// reservations; the orchestrator then replaces them (SwarmKit <c>orchestrator/constraintenforcer</c>).
/// </summary>
internal sealed class ConstraintEnforcer : IReconciler
{
    private const int BatchSize = 150;

    private readonly SortedSet<string> _nodes = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public DateTimeOffset? Due => _nodes.Count > 0 ? DateTimeOffset.MinValue : null;

    /// <inheritdoc/>
    public bool Wants(in StoreEvent change) => change is { Before: Node before, After: Node after }
        && (!Equals(before.Spec, after.Spec) || !Equals(before.Description, after.Description)
            || before.Role != after.Role || before.Status?.Addr != after.Status?.Addr);

    /// <inheritdoc/>
    public void Reset(StoreView view, DateTimeOffset now)
    {
        _nodes.Clear();
        _nodes.UnionWith(view.Nodes.All.Select(node => node.Id));
    }

    /// <inheritdoc/>
    public void Observe(in StoreEvent change, DateTimeOffset now) => _nodes.Add(((Node)change.After!).Id);

    /// <inheritdoc/>
    public IBatch? Plan(StoreView view, DateTimeOffset now)
    {
        var batch = new WriteBatch();
        while (_nodes.Min is { } nodeId && batch.Count < BatchSize)
        {
            _nodes.Remove(nodeId);
            foreach (var task in FindOffenders(view, nodeId).Take(BatchSize - batch.Count))
            {
                batch.Add(transaction => Reject(transaction, task.Id, nodeId), () => _nodes.Add(nodeId));
            }

            if (batch.Count >= BatchSize)
            {
                _nodes.Add(nodeId);
            }
        }

        return batch.Count > 0 ? batch : null;
    }

    // A task of a global service that still waits for its node is the scheduler's to judge, not to be rejected.
    private static bool IsBound(SwarmTask task) =>
        task.DesiredState is >= TaskState.Assigned and <= TaskState.Complete
        && task.Status.State is >= TaskState.Assigned and < TaskState.Complete;

    private static IEnumerable<SwarmTask> FindOffenders(StoreView view, string nodeId)
    {
        if (view.Nodes.Get(nodeId) is not { } node || (node.Spec?.Availability ?? NodeAvailability.Active) != NodeAvailability.Active)
        {
            yield break;
        }

        // Reservations are added up again in store order: what no longer fits has to go.
        var resources = new NodeInfo(node);
        foreach (var task in view.TasksOfNode(nodeId).Where(IsBound))
        {
            var placement = (view.Services.Get(task.ServiceId)?.Spec.Task ?? task.Spec).Placement;
            var fits = Constraint.TryParse(placement?.Constraints ?? [], out var constraints, out _)
                && Constraint.AllMatch(constraints, node)
                && HasRoom(resources, task);
            if (fits)
            {
                resources.Set(task);
            }
            else
            {
                yield return task;
            }
        }
    }

    private static bool HasRoom(NodeInfo resources, SwarmTask task) =>
        task.Spec.Resources?.Reservations is not { } wanted
        || (wanted.NanoCpus <= resources.AvailableNanoCpus
            && wanted.MemoryBytes <= resources.AvailableMemoryBytes
            && resources.Generic.TryPick(resources.Node, wanted.Generic) is not null);

    private static bool Reject(StoreTransaction transaction, string taskId, string nodeId)
    {
        if (transaction.View.Tasks.Get(taskId) is not { } current || current.NodeId != nodeId || !IsBound(current))
        {
            return true;
        }

        var task = current.Clone();
        task.Status.State = TaskState.Rejected;
        task.Status.Message = "task rejected by constraint enforcer";
        task.Status.Err = "assigned node no longer meets constraints";
        task.Status.Timestamp = transaction.Now;
        transaction.Update(task);
        return true;
    }
}
