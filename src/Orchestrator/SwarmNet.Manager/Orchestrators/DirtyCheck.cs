using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Scheduler;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>Whether a task is out of date with its service, so that an update must replace it.</summary>
internal static class DirtyCheck
{
    public static bool IsDirty(Service service, SwarmTask task, Node? node)
    {
        if (task.SpecVersion is not null && service.SpecVersion is not null && task.SpecVersion.Index == service.SpecVersion.Index)
        {
            return false;
        }

        if (task.Endpoint is not null && !Equals(service.Spec.Endpoint, task.Endpoint.Spec))
        {
            return true;
        }

        if (service.Spec.Task.Equals(task.Spec))
        {
            return false;
        }

        var wanted = service.Spec.Task.Clone();
        if (node is not null && IsPlacementKept(wanted, node))
        {
            wanted.Placement = task.Spec.Placement?.Clone();
        }

        if (HasImage(task) && wanted.Container is not null && task.Spec.Container is not null)
        {
            // New credentials for an image that is there already replace nothing.
            wanted.Container.PullOptions = task.Spec.Container.PullOptions?.Clone();
        }

        return !wanted.Equals(task.Spec);
    }

    private static bool IsPlacementKept(TaskSpec wanted, Node node) =>
        Constraint.TryParse(wanted.Placement?.Constraints ?? [], out var constraints, out _) && Constraint.AllMatch(constraints, node);

    private static bool HasImage(SwarmTask task) =>
        task.IsRunnable() && task.Status.State is >= TaskState.Ready and <= TaskState.Running;
}
