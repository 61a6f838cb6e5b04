using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>Jobs: tasks that run to completion, so many of them, or one per node (SwarmKit <c>orchestrator/jobs</c>).</summary>
internal static class JobPlanner
{
    public static void Plan(StoreView view, Service service, ServicePlan plan, DateTimeOffset now)
    {
        var iteration = service.JobStatus?.JobIteration.Index() ?? 0;
        List<SwarmTask> current = [];
        foreach (var task in view.TasksOfService(service.Id))
        {
            if (task.JobIteration.Index() == iteration)
            {
                current.Add(task);
            }
            else
            {
                plan.SetDesired(task, TaskState.Remove);
            }
        }

        if (service.Spec.ModeCase == ServiceSpec.ModeOneofCase.ReplicatedJob)
        {
            PlanReplicated(view, service, current, plan, now);
        }
        else
        {
            PlanGlobal(view, service, current, plan, now);
        }
    }

    private static void PlanReplicated(StoreView view, Service service, List<SwarmTask> tasks, ServicePlan plan, DateTimeOffset now)
    {
        var slots = tasks.GroupBy(task => task.Slot).ToDictionary(group => group.Key, group => new Slot(group.Key, string.Empty, group));
        long active = 0;
        long completed = 0;
        foreach (var slot in slots.Values)
        {
            if (slot.Tasks.Any(task => task.Status.State == TaskState.Complete))
            {
                completed++;
            }
            else if (SlotRestarter.Restart(view, service, slot, plan, now))
            {
                active++;
                SlotRestarter.Promote(view, slot, plan, now);
            }
        }

        var job = service.Spec.ReplicatedJob;
        var total = (long)job.TotalCompletions;
        var start = Math.Min((long)job.MaxConcurrent - active, total - completed - active);
        for (ulong number = 0; start > 0 && number < (ulong)total; number++)
        {
            if (!slots.ContainsKey(number))
            {
                plan.Create(TaskFactory.Create(view.Cluster, service, number, string.Empty, TaskState.Complete, now));
                start--;
            }
        }
    }

    private static void PlanGlobal(StoreView view, Service service, List<SwarmTask> tasks, ServicePlan plan, DateTimeOffset now)
    {
        var slots = tasks.GroupBy(task => task.NodeId)
            .ToDictionary(group => group.Key, group => new Slot(0, group.Key, group), StringComparer.Ordinal);
        foreach (var node in view.Nodes.All)
        {
            slots.Remove(node.Id, out var slot);
            if (!GlobalPlanner.IsEligible(service, node))
            {
                foreach (var task in slot?.Tasks.Where(task => task.DesiredState <= TaskState.Complete && !task.IsFinished()) ?? [])
                {
                    plan.SetDesired(task, TaskState.Shutdown);
                }
            }
            else if (slot is null)
            {
                if (node.Status?.State == NodeState.Ready && node.Spec?.Availability != NodeAvailability.Pause)
                {
                    plan.Create(TaskFactory.Create(view.Cluster, service, 0, node.Id, TaskState.Complete, now));
                }
            }
            else if (!slot.Tasks.Any(task => task.Status.State == TaskState.Complete))
            {
                SlotRestarter.Restart(view, service, slot, plan, now);
                SlotRestarter.Promote(view, slot, plan, now);
            }
        }

        foreach (var task in slots.Values.SelectMany(slot => slot.Tasks))
        {
            plan.SetDesired(task, TaskState.Remove);
        }
    }
}
