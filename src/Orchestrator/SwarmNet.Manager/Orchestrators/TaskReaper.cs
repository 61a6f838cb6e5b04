using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>
/// Deletes tasks that are of no more use: beyond the history limit of their slot, wanted removed and stopped, or left by a service that is
/// gone (SwarmKit <c>orchestrator/taskreaper</c>).
/// </summary>
internal sealed class TaskReaper : IReconciler
{
    private const int BatchSize = 150;
    private const int ManyDirty = 1000;
    private const long DefaultHistory = 5;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    private readonly HashSet<SlotKey> _dirtySlots = [];
    private readonly HashSet<string> _candidates = new(StringComparer.Ordinal);
    private DateTimeOffset _lastEvent;

    /// <inheritdoc/>
    public DateTimeOffset? Due => (_dirtySlots.Count + _candidates.Count) switch
    {
        0 => (DateTimeOffset?)null,
        > ManyDirty => DateTimeOffset.MinValue,
        _ => _lastEvent + Quiet,
    };

    /// <inheritdoc/>
    public bool Wants(in StoreEvent change) => (change.Before, change.After) switch
    {
        (null, SwarmTask) => true,
        (SwarmTask before, SwarmTask after) =>
            before.DesiredState != after.DesiredState || (after.IsFinished() && !before.IsFinished()),
        (Service, null) => true,
        _ => false,
    };

    /// <inheritdoc/>
    public void Reset(StoreView view, DateTimeOffset now)
    {
        _dirtySlots.Clear();
        _candidates.Clear();
        foreach (var task in view.Tasks.All)
        {
            Mark(task, now);
        }
    }

    /// <inheritdoc/>
    public void Observe(in StoreEvent change, DateTimeOffset now)
    {
        if (change.Subject is SwarmTask task)
        {
            Mark(task, now);
        }
    }

    /// <inheritdoc/>
    public IBatch? Plan(StoreView view, DateTimeOffset now)
    {
        List<SwarmTask> doomed = [];
        foreach (var id in _candidates.ToList())
        {
            if (doomed.Count >= BatchSize)
            {
                break;
            }

            _candidates.Remove(id);
            if (view.Tasks.Get(id) is { } task && IsUseless(view, task))
            {
                doomed.Add(task);
            }
        }

        foreach (var slot in _dirtySlots.ToList())
        {
            if (doomed.Count >= BatchSize)
            {
                break;
            }

            _dirtySlots.Remove(slot);
            doomed.AddRange(BeyondHistory(view, slot).Where(task => !doomed.Contains(task)));
        }

        return doomed.Count > 0 ? ToBatch(doomed) : null;
    }

    private void Mark(SwarmTask task, DateTimeOffset now)
    {
        _candidates.Add(task.Id);
        if (task.JobIteration is null && task.ServiceId.Length > 0)
        {
            _dirtySlots.Add(SlotKey.Of(task));
        }

        _lastEvent = now;
    }

    private static bool MayGo(SwarmTask task) =>
        task.IsFinished() || (task.Status.State < TaskState.Assigned && task.DesiredState > TaskState.Complete);

    private static bool IsUseless(StoreView view, SwarmTask task)
    {
        if (task.DesiredState == TaskState.Remove)
        {
            return task.Status.State is < TaskState.Assigned or >= TaskState.Complete;
        }

        // Without a service: attachments of containers, which go with their node.
        return task.ServiceId.Length == 0 ? task.Status.State >= TaskState.Orphaned : task.IsFinished() && view.Services.Get(task.ServiceId) is null;
    }

    /// <summary>The oldest finished tasks of the slot, as many as there are too many.</summary>
    private static IEnumerable<SwarmTask> BeyondHistory(StoreView view, SlotKey slot)
    {
        var tasks = view.TasksOfSlot(slot);
        var limit = view.Cluster?.Spec?.Orchestration?.TaskHistoryRetentionLimit ?? DefaultHistory;
        if (view.Services.Get(slot.ServiceId)?.Spec.Task.Restart is { MaxAttempts: > 0 } restart)
        {
            // The attempts are counted in the history.
            limit = (long)restart.MaxAttempts + 1;
        }

        return limit < 0 || tasks.Count <= limit ? []
            : tasks.Where(MayGo).OrderBy(task => task.CreatedAt()).ThenBy(task => task.Id, StringComparer.Ordinal).Take(tasks.Count - (int)limit);
    }

    private WriteBatch ToBatch(List<SwarmTask> doomed)
    {
        var batch = new WriteBatch();
        foreach (var task in doomed.Take(BatchSize))
        {
            batch.Add(
                transaction =>
                {
                    if (transaction.View.Tasks.Get(task.Id) is { } current)
                    {
                        transaction.Remove(current);
                    }

                    return true;
                },
                () => _candidates.Add(task.Id));
        }

        foreach (var task in doomed.Skip(BatchSize))
        {
            _dirtySlots.Add(SlotKey.Of(task));
        }

        return batch;
    }
}
