using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Scheduler;

internal sealed partial class TaskScheduler
{
    /// <inheritdoc/>
    public IBatch? Plan(StoreView view, DateTimeOffset now)
    {
        var batch = new WriteBatch();

        // Tasks that are bound to a node already come first: nobody else may take their place.
        foreach (var task in _pending.Values.Where(task => task.NodeId.Length > 0).OrderBy(task => task.Id, StringComparer.Ordinal).ToList())
        {
            if (batch.Count >= BatchSize)
            {
                return batch;
            }

            Confirm(batch, task, now);
        }

        var groups = _pending.Values
            .GroupBy(task => (task.ServiceId, Version: task.SpecVersion.Index(), OneOff: task.ServiceId.Length == 0 ? task.Id : string.Empty))
            .OrderBy(group => group.Key)
            .ToList();
        foreach (var group in groups)
        {
            if (batch.Count >= BatchSize)
            {
                return batch;
            }

            PlaceGroup(batch, [.. group.OrderBy(task => task.Slot).ThenBy(task => task.Id, StringComparer.Ordinal)], now);
        }

        if (_pending.Count == 0)
        {
            _firstEvent = null;
        }

        return batch.Count > 0 ? batch : null;
    }

    private void Confirm(WriteBatch batch, SwarmTask task, DateTimeOffset now)
    {
        _pending.Remove(task.Id);
        var filters = new FilterRun(task);
        if (_nodes.TryGetValue(task.NodeId, out var node) && filters.Passes(node))
        {
            Assign(batch, task, node, "scheduler confirmed task can run on preassigned node", now);
        }
        else
        {
            Explain(batch, task, node is null ? "assigned node is not known" : filters.Explain(), filters.Refusals);
        }
    }

    /// <summary>Deals the equal tasks of one service revision to the nodes.</summary>
    private void PlaceGroup(WriteBatch batch, List<SwarmTask> tasks, DateTimeOffset now)
    {
        var filters = new FilterRun(tasks[0]);
        var tree = SpreadTree.Build(_nodes.Values, tasks[0], filters, now);
        foreach (var task in tasks)
        {
            if (batch.Count >= BatchSize)
            {
                return;
            }

            _pending.Remove(task.Id);
            var isPlaced = tree.TryPlace(
                task, node => Assign(batch, task, node, "scheduler assigned task to node", now), filters, now);
            if (!isPlaced)
            {
                var reasons = filters.Explain();
                Explain(batch, task, reasons.Length > 0 ? $"no suitable node ({reasons})" : "no suitable node", filters.Refusals);
            }
        }
    }

    private void Assign(WriteBatch batch, SwarmTask pending, NodeInfo node, string message, DateTimeOffset now)
    {
        var assigned = pending.Clone();
        assigned.NodeId = node.Node.Id;
        if (pending.Spec.Resources?.Reservations is { Generic.Count: > 0 } wanted)
        {
            assigned.AssignedGenericResources.Clear();
            assigned.AssignedGenericResources.AddRange(node.Generic.TryPick(node.Node, wanted.Generic) ?? []);
        }

        // The next decision of this pass must see it.
        node.Set(assigned);
        _refusals.TryRemove(pending.Id, out _);
        batch.Add(
            transaction => WriteAssignment(transaction, assigned, message),
            () =>
            {
                node.Remove(pending.Id);
                _pending[pending.Id] = pending;
                Touch(now);
            });
    }

    /// <summary>False when the decision is out of date: the task is no longer waiting, or its node no longer takes tasks.</summary>
    private static bool WriteAssignment(StoreTransaction transaction, SwarmTask assigned, string message)
    {
        var current = transaction.View.Tasks.Get(assigned.Id);
        if (current is null || !IsSchedulable(current) || (current.NodeId.Length > 0 && current.NodeId != assigned.NodeId))
        {
            return false;
        }

        if (transaction.View.Nodes.Get(assigned.NodeId) is not { } node || !Filter.IsReady(node))
        {
            return false;
        }

        var task = current.Clone();
        task.NodeId = assigned.NodeId;
        task.AssignedGenericResources.Clear();
        task.AssignedGenericResources.AddRange(assigned.AssignedGenericResources);
        task.Status.State = TaskState.Assigned;
        task.Status.Message = message;
        task.Status.Err = string.Empty;
        task.Status.Timestamp = transaction.Now;
        transaction.Update(task);
        return true;
    }

    private void Explain(WriteBatch batch, SwarmTask task, string reason, IReadOnlyList<NodeRefusal> refusals)
    {
        _unplaced[task.Id] = task;
        _refusals[task.Id] = refusals;
        if (task.Status.Err == reason)
        {
            return;
        }

        batch.Add(
            transaction =>
            {
                if (transaction.View.Tasks.Get(task.Id) is { } current && IsSchedulable(current))
                {
                    var explained = current.Clone();
                    explained.Status.Err = reason;
                    transaction.Update(explained);
                }

                return true;
            },
            () => { });
    }
}
