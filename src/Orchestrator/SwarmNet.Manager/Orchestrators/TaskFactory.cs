using SwarmNet.Protocol;

namespace SwarmNet.Manager.Orchestrators;

/// <summary>Makes tasks from services.</summary>
internal static class TaskFactory
{
    /// <summary>A new task, still without an id, of the service's current revision. <paramref name="nodeId"/> binds it to a node (global services).</summary>
    public static SwarmTask Create(Cluster? cluster, Service service, ulong slot, string nodeId, TaskState desired, DateTimeOffset now)
    {
        var task = new SwarmTask
        {
            Annotations = new Annotations(),
            ServiceAnnotations = service.Spec.Annotations.Clone(),
            Spec = service.Spec.Task.Clone(),
            SpecVersion = service.SpecVersion?.Clone(),
            ServiceId = service.Id,
            Slot = slot,
            NodeId = nodeId,
            Status = new TaskStatus
            {
                State = TaskState.New,
                Message = "created",
                Timestamp = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now),
            },
            Endpoint = new Endpoint { Spec = service.Spec.Endpoint?.Clone() },
            DesiredState = desired,
            LogDriver = (service.Spec.Task.LogDriver ?? cluster?.Spec?.TaskDefaults?.LogDriver)?.Clone(),
        };
        if (service.JobStatus is { } job)
        {
            task.JobIteration = job.JobIteration.Clone();
        }

        return task;
    }
}
