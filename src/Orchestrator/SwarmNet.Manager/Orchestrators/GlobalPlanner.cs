using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Scheduler;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>Global services: one task on each node that matches (SwarmKit <c>orchestrator/global</c>).</summary>
internal static class GlobalPlanner
{
    public static void Plan(StoreView view, Service service, ServicePlan plan, DateTimeOffset now, UpdateMemory memory)
    {
        var slots = view.TasksOfService(service.Id).GroupBy(task => task.NodeId)
            .ToDictionary(group => group.Key, group => new Slot(0, group.Key, group), StringComparer.Ordinal);
        List<Slot> updatable = [];
        foreach (var node in view.Nodes.All)
        {
            slots.Remove(node.Id, out var slot);
            if (!IsEligible(service, node))
            {
                Stop(slot, TaskState.Shutdown, plan);
            }
            else if (node.Spec?.Availability != NodeAvailability.Pause && Keep(view, service, node, slot, plan, now))
            {
                updatable.Add(slot!);
            }
        }

        // What is left stood on nodes that no longer exist.
        foreach (var slot in slots.Values)
        {
            Stop(slot, TaskState.Remove, plan);
        }

        Updater.Plan(view, service, updatable, plan, now, memory);
    }

    /// <summary>Whether the service has a task there. Nodes that are unknown or disconnected keep theirs.</summary>
    public static bool IsEligible(Service service, Node node) =>
        !SlotRestarter.IsNodeLost(node)
        && Constraint.TryParse(service.Spec.Task.Placement?.Constraints ?? [], out var constraints, out _)
        && Constraint.AllMatch(constraints, node);

    /// <summary>Sees that the node has its task; true when the slot can be updated.</summary>
    private static bool Keep(StoreView view, Service service, Node node, Slot? slot, ServicePlan plan, DateTimeOffset now)
    {
        if (slot is not null && SlotRestarter.Restart(view, service, slot, plan, now))
        {
            SlotRestarter.Promote(view, slot, plan, now);
            return true;
        }

        // A task that ended for good is not started again, but a new revision of the service is.
        if (slot is not null && slot.Newest.IsFinished() && EndedForGood(slot))
        {
            return true;
        }

        plan.Create(TaskFactory.Create(view.Cluster, service, 0, node.Id, TaskState.Running, now));
        return false;
    }

    // SHUTDOWN and ORPHANED ends are the swarm's doing (the node was drained or away), not the task's.
    private static bool EndedForGood(Slot slot) =>
        slot.Newest.Status.State is TaskState.Complete or TaskState.Failed or TaskState.Rejected
        && !RestartRules.ShouldRestart(slot, slot.Newest);

    private static void Stop(Slot? slot, TaskState desired, ServicePlan plan)
    {
        foreach (var task in slot?.Tasks ?? [])
        {
            if (task.IsRunnable() || desired == TaskState.Remove)
            {
                plan.SetDesired(task, desired);
            }
        }
    }
}
