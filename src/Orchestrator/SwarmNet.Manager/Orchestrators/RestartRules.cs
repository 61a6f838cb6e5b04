using SwarmNet.Manager.Reconcile;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>
/// Whether and when a task that ended is replaced (SwarmKit <c>manager/orchestrator/restart</c>). Everything is read off the tasks that
/// are stored, so that a new leader goes on where the old one stopped.
/// </summary>
internal static class RestartRules
{
    private static readonly TimeSpan DefaultDelay = TimeSpan.FromSeconds(5);

    public static TimeSpan Delay(SwarmTask task) => task.Spec.Restart?.Delay?.ToTimeSpan() ?? DefaultDelay;

    /// <summary>Whether a task of <paramref name="slot"/> that ended is to be replaced by a new one.</summary>
    public static bool ShouldRestart(Slot slot, SwarmTask task)
    {
        var policy = task.Spec.Restart;
        var condition = policy?.Condition ?? RestartPolicy.Types.Condition.RestartOnAny;
        if (task.JobIteration is not null && condition == RestartPolicy.Types.Condition.RestartOnAny)
        {
            // A job that has done its work is not done again.
            condition = RestartPolicy.Types.Condition.RestartOnFailure;
        }

        return condition switch
        {
            RestartPolicy.Types.Condition.RestartOnNone => false,
            RestartPolicy.Types.Condition.RestartOnFailure when task.Status.State == TaskState.Complete => false,
            _ => policy is null || policy.MaxAttempts == 0 || (ulong)CountRestarts(slot, task) < policy.MaxAttempts,
        };
    }

    /// <summary>
    /// Restarts in this slot under this revision, within the policy's window before the task ended. A restart is a task that took over
    /// from one of the same revision; history keeps enough of them.
    /// </summary>
    private static int CountRestarts(Slot slot, SwarmTask ended)
    {
        var window = ended.Spec.Restart?.Window?.ToTimeSpan() ?? TimeSpan.Zero;
        var since = window > TimeSpan.Zero ? ended.StateTime() - window : DateTimeOffset.MinValue;
        return slot.Tasks.Count(task => Slot.SameRevision(task, ended)
            && task.CreatedAt() > since
            && slot.Predecessor(task) is { } before
            && Slot.SameRevision(before, task));
    }
}
