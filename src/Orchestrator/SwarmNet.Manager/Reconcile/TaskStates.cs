using SwarmNet.Protocol;

namespace SwarmNet.Manager.Reconcile;

/// <summary>Questions about a task that every reconciler asks in the same words.</summary>
internal static class TaskStates
{
    /// <summary>It is wanted to run, or to wait ready.</summary>
    public static bool IsRunnable(this SwarmTask task) => task.DesiredState <= TaskState.Running;

    /// <summary>It has stopped, or will never start: its state is final.</summary>
    public static bool IsFinished(this SwarmTask task) => task.Status.State > TaskState.Running;

    /// <summary>It neither runs nor is it wanted to: its addresses and reservations are free.</summary>
    public static bool IsDead(this SwarmTask task) => task.DesiredState > TaskState.Running && task.IsFinished();

    /// <summary>When the manager learnt of its state; the node's clock where the manager's is not known.</summary>
    public static DateTimeOffset StateTime(this SwarmTask task) =>
        (task.Status.AppliedAt ?? task.Status.Timestamp)?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch;

    public static DateTimeOffset CreatedAt(this SwarmTask task) => task.Meta?.CreatedAt?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch;

    public static ulong Index(this Protocol.Version? version) => version?.Index ?? 0;
}
