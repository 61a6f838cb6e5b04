using SwarmNet.Manager.Reconcile;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>
/// The tasks that stand in for each other: those of one slot (replicated), or of one node (global). Oldest first.
/// </summary>
internal sealed class Slot
{
    public Slot(ulong number, string nodeId, IEnumerable<SwarmTask> tasks)
    {
        Number = number;
        NodeId = nodeId;
        Tasks = [.. tasks.OrderBy(task => task.CreatedAt()).ThenBy(task => task.Meta?.Version.Index() ?? 0)
            .ThenBy(task => task.Id, StringComparer.Ordinal)];
    }

    /// <summary>Slot number; 0 for global services.</summary>
    public ulong Number { get; }

    /// <summary>Node of a global service's task, else empty.</summary>
    public string NodeId { get; }

    public List<SwarmTask> Tasks { get; }

    /// <summary>A task that ended got its replacement in this very look: it is not in <see cref="Tasks"/> yet.</summary>
    public bool IsReplaced { get; set; }

    public SwarmTask Newest => Tasks[^1];

    /// <summary>Tasks that are wanted to run, or to wait ready.</summary>
    public IEnumerable<SwarmTask> Live => Tasks.Where(task => task.IsRunnable());

    /// <summary>The task that this one took over from; null for the first.</summary>
    public SwarmTask? Predecessor(SwarmTask task)
    {
        var index = Tasks.FindIndex(other => other.Id == task.Id);
        return index > 0 ? Tasks[index - 1] : null;
    }

    public static bool SameRevision(SwarmTask a, SwarmTask b) => a.SpecVersion.Index() == b.SpecVersion.Index();
}
