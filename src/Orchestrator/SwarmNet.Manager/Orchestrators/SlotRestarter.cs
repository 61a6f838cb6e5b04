using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>
/// Keeps the tasks of one slot going: replaces those that ended or lost their node, and starts the replacement when its time has come.
/// The replacement is prepared at once (desired state READY) and started after the delay, when the old one has stopped.
/// </summary>
internal static class SlotRestarter
{
    /// <summary>So long a replacement waits for the old task to stop.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Desired state of a task that is to run: COMPLETE for jobs.</summary>
    public static TaskState RunState(SwarmTask task) => task.JobIteration is null ? TaskState.Running : TaskState.Complete;

    /// <summary>Whether tasks there must go elsewhere.</summary>
    public static bool IsNodeLost(Node? node) =>
        node is null || node.Status?.State == NodeState.Down || node.Spec?.Availability == NodeAvailability.Drain;

    /// <summary>Replaces what ended. True when the slot still has, or gets, a task that is wanted.</summary>
    public static bool Restart(StoreView view, Service service, Slot slot, ServicePlan plan, DateTimeOffset now)
    {
        var wanted = slot.Tasks.Where(task => task.DesiredState <= RunState(task)).ToList();
        var healthy = wanted.Where(task => !IsLost(view, task)).ToList();
        var isCovered = healthy.Any(task => !DirtyCheck.IsDirty(service, task, view.Nodes.Get(task.NodeId)));
        foreach (var lost in wanted.Except(healthy))
        {
            if (lost.Status.State == TaskState.Complete && lost.JobIteration is not null)
            {
                // Done is what a job's task is meant to be.
                continue;
            }

            // One that failed while it waited for its own delay: that delay first.
            if (lost is { DesiredState: TaskState.Ready } && lost.IsFinished() && StartsAt(view, slot, lost, now) is { } start && start > now)
            {
                plan.LookAgain(start);
                isCovered = true;
                continue;
            }

            plan.SetDesired(lost, TaskState.Shutdown);
            if (!isCovered && RestartRules.ShouldRestart(slot, lost))
            {
                plan.Create(TaskFactory.Create(view.Cluster, service, slot.Number, slot.NodeId, TaskState.Ready, now));
                plan.LookAgain(now);
                slot.IsReplaced = true;
                isCovered = true;
            }
        }

        return isCovered || healthy.Count > 0;
    }

    /// <summary>Starts the tasks that wait, when nothing holds them back any more.</summary>
    public static void Promote(StoreView view, Slot slot, ServicePlan plan, DateTimeOffset now)
    {
        foreach (var task in slot.Tasks.Where(task => task.DesiredState == TaskState.Ready && !IsLost(view, task)))
        {
            if (StartsAt(view, slot, task, now) is { } start)
            {
                if (start <= now)
                {
                    plan.SetDesired(task, RunState(task));
                }
                else
                {
                    plan.LookAgain(start);
                }
            }
        }
    }

    /// <summary>When a waiting task may start: after its delay and after the old tasks have stopped, which takes a minute at most.</summary>
    private static DateTimeOffset? StartsAt(StoreView view, Slot slot, SwarmTask task, DateTimeOffset now)
    {
        var created = task.CreatedAt();
        var isReplacement = slot.Predecessor(task) is { } before && Slot.SameRevision(before, task)
            && view.Nodes.Get(before.NodeId)?.Spec?.Availability != NodeAvailability.Drain;
        var due = isReplacement ? created + RestartRules.Delay(task) : created;

        var isHeldBack = slot.Tasks.Any(other => other.Id != task.Id && other.DesiredState > RunState(other) && IsStopping(view, other));
        if (isHeldBack)
        {
            // An event tells when they have stopped; else the time is up.
            var limit = created + StopTimeout;
            return limit > due ? limit : due;
        }

        return due;
    }

    private static bool IsStopping(StoreView view, SwarmTask task) =>
        !task.IsFinished() && task.Status.State >= TaskState.Assigned
        && view.Nodes.Get(task.NodeId) is { } node && node.Status?.State != NodeState.Down;

    private static bool IsLost(StoreView view, SwarmTask task) =>
        task.IsFinished() || (task.NodeId.Length > 0 && IsNodeLost(view.Nodes.Get(task.NodeId)));
}
