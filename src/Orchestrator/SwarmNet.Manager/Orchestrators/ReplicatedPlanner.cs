using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>Replicated services: as many slots with a task as the service wants (SwarmKit <c>orchestrator/replicated</c>).</summary>
internal static class ReplicatedPlanner
{
    public static void Plan(StoreView view, Service service, ServicePlan plan, DateTimeOffset now, UpdateMemory memory)
    {
        var slots = view.TasksOfService(service.Id).GroupBy(task => task.Slot)
            .Select(group => new Slot(group.Key, string.Empty, group)).OrderBy(slot => slot.Number).ToList();
        List<Slot> occupied = [];
        List<Slot> dead = [];
        foreach (var slot in slots)
        {
            var isLive = SlotRestarter.Restart(view, service, slot, plan, now);
            (isLive || IsHeld(service, slot) ? occupied : dead).Add(slot);
        }

        var wanted = (long)service.Spec.Replicated.Replicas;
        if (occupied.Count > wanted)
        {
            var removed = ScaleDown(occupied, (int)wanted, plan);
            occupied.RemoveAll(removed.Contains);
        }
        else
        {
            var filled = Fill(view, service, occupied, wanted, plan, now);
            dead.RemoveAll(slot => filled.Contains(slot.Number));
        }

        foreach (var task in dead.SelectMany(slot => slot.Tasks))
        {
            plan.SetDesired(task, TaskState.Remove);
        }

        foreach (var slot in occupied)
        {
            SlotRestarter.Promote(view, slot, plan, now);
        }

        Updater.Plan(view, service, occupied, plan, now, memory);
    }

    /// <summary>A slot whose task ended for good still counts: nothing takes its place but a new revision of the service.</summary>
    private static bool IsHeld(Service service, Slot slot) =>
        service.UpdateStatus?.State != UpdateStatus.Types.UpdateState.UpdateRollbackStarted
        && slot.Newest.DesiredState < TaskState.Remove
        && !RestartRules.ShouldRestart(slot, slot.Newest);

    /// <summary>Adds a task in each of the lowest free slots; their numbers.</summary>
    private static HashSet<ulong> Fill(
        StoreView view, Service service, List<Slot> occupied, long wanted, ServicePlan plan, DateTimeOffset now)
    {
        HashSet<ulong> filled = [];
        var used = occupied.Select(slot => slot.Number).ToHashSet();
        var number = 0UL;
        for (long missing = wanted - occupied.Count; missing > 0; missing--)
        {
            do
            {
                number++;
            }
            while (used.Contains(number));

            plan.Create(TaskFactory.Create(view.Cluster, service, number, string.Empty, TaskState.Running, now));
            filled.Add(number);
        }

        return filled;
    }

    /// <summary>
    /// Takes slots away from the busiest nodes first; slots that do not run, or have high numbers, go before others. The slots removed.
    /// </summary>
    private static HashSet<Slot> ScaleDown(List<Slot> slots, int wanted, ServicePlan plan)
    {
        Dictionary<string, int> countByNode = new(StringComparer.Ordinal);
        var kept = slots
            .OrderByDescending(slot => slot.Live.Any(task => task.Status.State == TaskState.Running))
            .ThenBy(slot => slot.Number)
            .Select(slot => (Slot: slot, Index: IndexOnNode(slot, countByNode)))
            .ToList()
            .OrderBy(entry => entry.Index < 0)
            .ThenBy(entry => entry.Index)
            .Take(wanted)
            .Select(entry => entry.Slot)
            .ToHashSet();
        var removed = slots.Where(slot => !kept.Contains(slot)).ToHashSet();
        foreach (var task in removed.SelectMany(slot => slot.Tasks))
        {
            plan.SetDesired(task, TaskState.Remove);
        }

        return removed;
    }

    private static int IndexOnNode(Slot slot, Dictionary<string, int> countByNode)
    {
        var nodes = slot.Live.Select(task => task.NodeId).Distinct().ToList();
        if (nodes.Count != 1 || nodes[0].Length == 0)
        {
            return -1;
        }

        return countByNode[nodes[0]] = countByNode.GetValueOrDefault(nodes[0]) + 1;
    }
}
