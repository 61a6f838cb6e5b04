using Google.Protobuf.WellKnownTypes;
using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;
using State = SwarmNet.Protocol.UpdateStatus.Types.UpdateState;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>
/// Rolling update and rollback of one service (SwarmKit <c>orchestrator/update</c>): replaces out-of-date tasks slot by slot, watches the
/// new ones, pauses or rolls back when too many fail. Level-triggered: where the update stands is read off the stored tasks.
/// </summary>
internal static class Updater
{
    private static readonly UpdateConfig Default = new() { Parallelism = 1 };
    private static readonly TimeSpan DefaultMonitor = TimeSpan.FromSeconds(5);

    // A failed task of which nobody knows when it came up counts against the update when it was this young, above the monitor time.
    private static readonly TimeSpan UnknownStartAllowance = TimeSpan.FromSeconds(30);

    public static void Plan(
        StoreView view, Service service, List<Slot> slots, ServicePlan plan, DateTimeOffset now, UpdateMemory memory)
    {
        var state = service.UpdateStatus?.State ?? State.UpdateUnknown;
        if (state is State.UpdatePaused or State.UpdateRollbackPaused)
        {
            return;
        }

        var isRollback = state == State.UpdateRollbackStarted;
        var run = new Run(view, service, (isRollback ? service.Spec.Rollback : service.Spec.Update) ?? Default, memory, now);
        List<Slot> dirty = [];
        List<SwarmTask> updated = [];
        var working = 0;
        foreach (var slot in slots)
        {
            var newTask = run.UpdatedTask(slot);
            if (slot.IsReplaced)
            {
                working++;
                continue;
            }

            if (newTask is not null)
            {
                updated.Add(newTask);
            }

            if (newTask is not null && run.IsWorking(slot, newTask, plan))
            {
                working++;
                run.FinishSlot(slot, plan);
            }
            else if (run.IsDirty(slot))
            {
                dirty.Add(slot);
            }
        }

        if (dirty.Count == 0 && working == 0)
        {
            Complete(run, state, updated, plan);
            return;
        }

        if (run.Watches && run.Failed(updated) is { Count: > 0 } failed
            && (float)failed.Count / (updated.Count + dirty.Count) > run.Config.MaxFailureRatio)
        {
            Stop(run, isRollback, failed[0], plan);
            return;
        }

        var free = run.Config.Parallelism == 0 ? int.MaxValue : (int)Math.Min(run.Config.Parallelism, int.MaxValue) - working;

        // Slots whose new task failed before it ran are left to their restarts and must not keep the others waiting.
        foreach (var slot in dirty.OrderBy(slot => run.UpdatedTask(slot) is not null).Take(Math.Max(free, 0)))
        {
            run.UpdateSlot(slot, plan);
        }

        if (dirty.Count > 0 && state is not (State.UpdateUpdating or State.UpdateRollbackStarted))
        {
            SetStatus(run, plan, State.UpdateUpdating, "update in progress", isStart: true);
        }
    }

    private static void Complete(Run run, State state, List<SwarmTask> updated, ServicePlan plan)
    {
        if (state is not (State.UpdateUpdating or State.UpdateRollbackStarted))
        {
            return;
        }

        var isRollback = state == State.UpdateRollbackStarted;
        if (run.Watches && updated.Count > 0)
        {
            if (run.Failed(updated) is { Count: > 0 } failed && (float)failed.Count / updated.Count > run.Config.MaxFailureRatio)
            {
                Stop(run, isRollback, failed[0], plan);
                return;
            }

            var watchedUntil = updated.Max(run.UpAt) + run.FinalWatch;
            if (watchedUntil > run.Now)
            {
                plan.LookAgain(watchedUntil);
                return;
            }
        }

        SetStatus(
            run,
            plan,
            isRollback ? State.UpdateRollbackCompleted : State.UpdateCompleted,
            isRollback ? "rollback completed" : "update completed",
            isEnd: true);
    }

    private static void Stop(Run run, bool isRollback, SwarmTask failed, ServicePlan plan)
    {
        var because = $"due to failure or early termination of task {failed.Id}";
        var rollsBack = run.Config.FailureAction == UpdateConfig.Types.FailureAction.Rollback;
        if (isRollback)
        {
            SetStatus(run, plan, State.UpdateRollbackPaused, $"{(rollsBack ? "rollback" : "update")} paused {because}");
        }
        else if (rollsBack && run.Service.PreviousSpec is not null)
        {
            SetStatus(run, plan, State.UpdateRollbackStarted, $"update rolled back {because}");
            var service = plan.Service!;
            service.Spec = service.PreviousSpec;
            service.SpecVersion = service.PreviousSpecVersion;
            service.PreviousSpec = null;
            service.PreviousSpecVersion = null;
        }
        else
        {
            SetStatus(run, plan, State.UpdatePaused, $"update paused {because}");
        }
    }

    private static void SetStatus(Run run, ServicePlan plan, State state, string message, bool isStart = false, bool isEnd = false)
    {
        var service = run.Service.Clone();
        var status = service.UpdateStatus ?? new UpdateStatus();
        status.State = state;
        status.Message = message;
        if (isStart)
        {
            status.StartedAt = run.Now.ToTimestamp();
        }

        if (isEnd)
        {
            status.CompletedAt = run.Now.ToTimestamp();
        }

        service.UpdateStatus = status;
        plan.Service = service;
        plan.LookAgain(run.Now);
    }

    /// <summary>One look at one update: the inputs, and the questions that are asked about slots and tasks.</summary>
    private sealed record Run(StoreView View, Service Service, UpdateConfig Config, UpdateMemory Memory, DateTimeOffset Now)
    {
        public bool Watches => Config.FailureAction != UpdateConfig.Types.FailureAction.Continue;

        public TimeSpan FinalWatch => Delay >= Monitor ? Delay + TimeSpan.FromSeconds(1) : Monitor;

        private TimeSpan Delay => Config.Delay?.ToTimeSpan() ?? TimeSpan.Zero;

        private TimeSpan Monitor => Config.Monitor?.ToTimeSpan() ?? DefaultMonitor;

        private bool IsStartFirst => Config.Order == UpdateConfig.Types.UpdateOrder.StartFirst;

        private DateTimeOffset StartedAt => Service.UpdateStatus?.StartedAt?.ToDateTimeOffset() ?? DateTimeOffset.MaxValue;

        /// <summary>The task that this update made in the slot: it took over from one of another revision. Null before its turn.</summary>
        public SwarmTask? UpdatedTask(Slot slot) => slot.Tasks.Find(task =>
            task.SpecVersion.Index() == Service.SpecVersion.Index()
            && task.CreatedAt() >= StartedAt
            && slot.Predecessor(task) is { } before
            && !Slot.SameRevision(before, task));

        /// <summary>Whether the slot holds one of the update's places: its new task is not up yet, or the delay after it runs.</summary>
        public bool IsWorking(Slot slot, SwarmTask newTask, ServicePlan plan)
        {
            var isUp = newTask.Status.State >= TaskState.Running;
            if (!isUp || slot.Live.Any(task => task.Id != newTask.Id && IsTaskDirty(task)))
            {
                // One that failed before it ran is left to its restarts; the update does not wait for it.
                return !newTask.IsFinished();
            }

            var freeAt = UpAt(newTask) + Delay;
            if (freeAt <= Now)
            {
                return false;
            }

            plan.LookAgain(freeAt);
            return true;
        }

        public bool IsDirty(Slot slot)
        {
            var live = slot.Live.ToList();
            return live.Count > 1 || IsTaskDirty(live.Count == 1 ? live[0] : slot.Newest);
        }

        /// <summary>Takes the old tasks out of a slot whose new task is there: at once, or (start-first) when the new one runs.</summary>
        public void FinishSlot(Slot slot, ServicePlan plan)
        {
            var live = slot.Live.ToList();
            var clean = live.Where(task => !IsTaskDirty(task)).ToList();
            if (clean.Count == 0 || (IsStartFirst && !clean.Any(task => task.Status.State == TaskState.Running)))
            {
                return;
            }

            var kept = clean.Find(task => task.Status.State == TaskState.Running) ?? clean[0];
            foreach (var old in live.Where(task => task.Id != kept.Id))
            {
                plan.SetDesired(old, TaskState.Shutdown);
            }
        }

        /// <summary>Begins a slot: keeps a task that is up to date already, or makes one.</summary>
        public void UpdateSlot(Slot slot, ServicePlan plan)
        {
            if (slot.Live.Any(task => !IsTaskDirty(task) && !task.IsFinished()))
            {
                FinishSlot(slot, plan);
                return;
            }

            plan.Create(TaskFactory.Create(View.Cluster, Service, slot.Number, slot.NodeId, TaskState.Ready, Now));
            plan.LookAgain(Now);
            if (IsStartFirst && slot.Live.Any())
            {
                return;
            }

            foreach (var old in slot.Live.ToList())
            {
                plan.SetDesired(old, TaskState.Shutdown);
            }
        }

        /// <summary>When the task came up, or, if it never did, when it ended.</summary>
        public DateTimeOffset UpAt(SwarmTask task) => Memory.UpSince(task.Id) ?? task.StateTime();

        public List<SwarmTask> Failed(List<SwarmTask> updated) => [.. updated.Where(HasFailed)];

        private bool HasFailed(SwarmTask task)
        {
            var hasEnded = task.Status.State is TaskState.Complete or TaskState.Failed or TaskState.Rejected or TaskState.Orphaned;
            return hasEnded && (Memory.UpSince(task.Id) is { } up
                ? task.StateTime() <= up + Monitor
                : task.StateTime() <= task.CreatedAt() + Monitor + UnknownStartAllowance);
        }

        private bool IsTaskDirty(SwarmTask task) => DirtyCheck.IsDirty(Service, task, View.Nodes.Get(task.NodeId));
    }
}
