using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>
/// Keeps every service's tasks as its specification wants them: number, restarts, updates, nodes that come and go. Events only say which
/// service to look at again; what to do is decided by comparing wanted with stored.
/// </summary>
internal sealed class ServiceReconciler : IReconciler
{
    private const int BatchSize = 100;
    private const int MaxActions = StoreTransaction.MaxActions - 10;

    private readonly WorkQueue<string> _queue = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _dirtyNodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _globals = new(StringComparer.Ordinal);
    private readonly HashSet<string> _updating = new(StringComparer.Ordinal);
    private readonly UpdateMemory _memory = new();
    private readonly Func<string> _newId;

    /// <summary><paramref name="newId"/> makes the ids of tasks; a simulation gives its own, so that a run can be repeated.</summary>
    public ServiceReconciler(Func<string>? newId = null) => _newId = newId ?? Identifiers.New;

    /// <inheritdoc/>
    public DateTimeOffset? Due => _dirtyNodes.Count > 0 ? DateTimeOffset.MinValue : _queue.Due;

    /// <inheritdoc/>
    public bool Wants(in StoreEvent change) => (change.Before, change.After) switch
    {
        (SwarmTask before, SwarmTask after) => before.Status.State != after.Status.State && after.Status.State >= TaskState.Running,
        (SwarmTask, null) or (null, Node) or (Node, null) => true,
        (Node before, Node after) => !Equals(before.Spec, after.Spec) || !Equals(before.Status, after.Status)
            || !Equals(before.Description, after.Description) || before.Role != after.Role,
        (Service before, Service after) => !Equals(before.Spec, after.Spec) || !Equals(before.SpecVersion, after.SpecVersion)
            || !Equals(before.UpdateStatus, after.UpdateStatus) || !Equals(before.JobStatus, after.JobStatus),
        (Service, null) or (null, Service) => true,
        _ => false,
    };

    /// <inheritdoc/>
    public void Reset(StoreView view, DateTimeOffset now)
    {
        _queue.Clear();
        _dirtyNodes.Clear();
        _globals.Clear();
        _updating.Clear();
        _memory.Clear();
        foreach (var service in view.Services.All)
        {
            ObserveService(service, isRemoved: false, now);
        }

        foreach (var task in view.Tasks.All)
        {
            if (task.ServiceId.Length > 0 && view.Services.Get(task.ServiceId) is null)
            {
                _queue.Mark(task.ServiceId, now);
            }

            if (task.Status.State == TaskState.Running)
            {
                _memory.Up(task.Id, task.StateTime());
            }
        }
    }

    /// <inheritdoc/>
    public void Observe(in StoreEvent change, DateTimeOffset now)
    {
        switch (change.Subject)
        {
            case Service service:
                ObserveService(service, change.After is null, now);
                break;
            case Node node:
                _dirtyNodes.Add(node.Id);
                break;
            case SwarmTask { ServiceId.Length: > 0 } task:
                ObserveTask(task, change.After is null, now);
                break;
        }
    }

    /// <inheritdoc/>
    public IBatch? Plan(StoreView view, DateTimeOffset now)
    {
        SpreadNodeChanges(view, now);
        var batch = new Batch(this, now);
        var changes = 0;
        while (changes < BatchSize && _queue.TryTake(now, out var id))
        {
            var plan = PlanService(view, id, now);
            if (plan.ChangeCount > 0)
            {
                changes += plan.ChangeCount;
                batch.ServiceIds.Add(id);
            }
            else if (plan.LookAgainAt is { } at)
            {
                // Never at once: nothing would have changed.
                _queue.Mark(id, at > now ? at : now + TimeSpan.FromMilliseconds(10));
            }
        }

        return batch.ServiceIds.Count > 0 ? batch : null;
    }

    private void ObserveService(Service service, bool isRemoved, DateTimeOffset now)
    {
        _queue.Mark(service.Id, now);
        SetMember(
            _globals, service.Id, !isRemoved && service.Spec.ModeCase is ServiceSpec.ModeOneofCase.Global or ServiceSpec.ModeOneofCase.GlobalJob);
        SetMember(_updating, service.Id, !isRemoved && service.UpdateStatus?.State
            is UpdateStatus.Types.UpdateState.UpdateUpdating or UpdateStatus.Types.UpdateState.UpdateRollbackStarted);
    }

    private void ObserveTask(SwarmTask task, bool isRemoved, DateTimeOffset now)
    {
        if (isRemoved)
        {
            _memory.Forget(task.Id);
        }
        else if (task.Status.State == TaskState.Running)
        {
            _memory.Up(task.Id, task.StateTime());
            if (!_updating.Contains(task.ServiceId))
            {
                return;
            }
        }

        _queue.Mark(task.ServiceId, now);
    }

    private static void SetMember(HashSet<string> set, string id, bool isMember)
    {
        if (isMember)
        {
            set.Add(id);
        }
        else
        {
            set.Remove(id);
        }
    }

    /// <summary>A change of a node concerns the services with tasks there, and all global ones.</summary>
    private void SpreadNodeChanges(StoreView view, DateTimeOffset now)
    {
        if (_dirtyNodes.Count == 0)
        {
            return;
        }

        var services = _dirtyNodes.SelectMany(view.TasksOfNode).Select(task => task.ServiceId).Where(id => id.Length > 0).Concat(_globals);
        foreach (var id in services.Distinct())
        {
            _queue.Mark(id, now);
        }

        _dirtyNodes.Clear();
    }

    private ServicePlan PlanService(StoreView view, string id, DateTimeOffset now)
    {
        var plan = new ServicePlan(_newId);
        switch (view.Services.Get(id))
        {
            case null:
                foreach (var task in view.TasksOfService(id))
                {
                    plan.SetDesired(task, TaskState.Remove);
                }

                break;
            case { Spec.ModeCase: ServiceSpec.ModeOneofCase.Replicated } service:
                ReplicatedPlanner.Plan(view, service, plan, now, _memory);
                break;
            case { Spec.ModeCase: ServiceSpec.ModeOneofCase.Global } service:
                GlobalPlanner.Plan(view, service, plan, now, _memory);
                break;
            case var service:
                JobPlanner.Plan(view, service, plan, now);
                break;
        }

        return plan;
    }

    /// <summary>Plans again inside the transaction, so that what is stored fits what is there.</summary>
    private sealed class Batch(ServiceReconciler owner, DateTimeOffset now) : IBatch
    {
        private readonly List<(string Id, DateTimeOffset At)> _lookAgain = [];

        public List<string> ServiceIds { get; } = [];

        public void Apply(StoreTransaction transaction)
        {
            _lookAgain.Clear();
            foreach (var id in ServiceIds)
            {
                if (transaction.ActionCount >= MaxActions)
                {
                    _lookAgain.Add((id, now));
                    continue;
                }

                var plan = owner.PlanService(transaction.View, id, now);
                if (!plan.WriteTo(transaction, MaxActions))
                {
                    _lookAgain.Add((id, now));
                }
                else if (plan.LookAgainAt is { } at)
                {
                    _lookAgain.Add((id, at));
                }
            }
        }

        public void Committed()
        {
            foreach (var (id, at) in _lookAgain)
            {
                owner._queue.Mark(id, at);
            }
        }

        public void Abandoned()
        {
            foreach (var id in ServiceIds)
            {
                owner._queue.Mark(id, now);
            }
        }
    }
}
