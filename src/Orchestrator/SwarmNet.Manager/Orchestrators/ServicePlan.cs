using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>
/// What one look at one service came to: tasks to create and to change, the service object when its update moved on, and when to look
/// again. The planner asks for all that is missing; <see cref="WriteTo"/> stores as much as fits.
/// </summary>
internal sealed class ServicePlan(Func<string> newId)
{
    private readonly List<SwarmTask> _created = [];
    private readonly Dictionary<string, SwarmTask> _changed = new(StringComparer.Ordinal);

    public int ChangeCount => _created.Count + _changed.Count + (Service is null ? 0 : 1);

    /// <summary>The changed service object; null when it stays.</summary>
    public Service? Service { get; set; }

    /// <summary>When time alone will bring more to do.</summary>
    public DateTimeOffset? LookAgainAt { get; private set; }

    public IReadOnlyList<SwarmTask> Created => _created;

    public IReadOnlyCollection<SwarmTask> Changed => _changed.Values;

    /// <summary>Adds a new task, which gets its id here.</summary>
    public void Create(SwarmTask task)
    {
        task.Id = newId();
        _created.Add(task);
    }

    /// <summary>The clone of a task that this plan changes.</summary>
    public SwarmTask Change(SwarmTask task)
    {
        if (!_changed.TryGetValue(task.Id, out var clone))
        {
            _changed[task.Id] = clone = task.Clone();
        }

        return clone;
    }

    /// <summary>
    /// Raises the desired state, which never goes down. A task that no node has heard of is done at once: nobody else would report it.
    /// </summary>
    public void SetDesired(SwarmTask task, TaskState desired)
    {
        if (task.DesiredState >= desired)
        {
            return;
        }

        var clone = Change(task);
        clone.DesiredState = desired;
        if (desired >= TaskState.Shutdown && clone.Status.State < TaskState.Assigned)
        {
            clone.Status.State = TaskState.Shutdown;
            clone.Status.Message = "shutdown";
            clone.Status.Err = string.Empty;
        }
    }

    public void LookAgain(DateTimeOffset at)
    {
        if (LookAgainAt is null || at < LookAgainAt)
        {
            LookAgainAt = at;
        }
    }

    /// <summary>Writes into the transaction until it is full; true when everything fitted. Stops come before starts.</summary>
    public bool WriteTo(StoreTransaction transaction, int maxActions)
    {
        if (Service is not null)
        {
            transaction.Update(Service);
        }

        foreach (var task in _changed.Values)
        {
            if (IsFull())
            {
                return false;
            }

            transaction.Update(task);
        }

        foreach (var task in _created)
        {
            if (IsFull())
            {
                return false;
            }

            transaction.Create(task);
        }

        return true;

        bool IsFull() => transaction.ActionCount >= maxActions || transaction.SizeBytes >= StoreTransaction.MaxBytes * 3 / 4;
    }
}
