using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>How many tasks of a service run, should run, and have completed.</summary>
internal readonly record struct ServiceTaskCounts(ulong Running, ulong Desired, ulong Completed)
{
    /// <summary>
    /// Counts as SwarmKit's <c>ListServiceStatuses</c> does, but for replaced tasks of nodes that are down: their last report says "running", which nobody can
    /// know, and would show as 7/5.
    /// </summary>
    public static ServiceTaskCounts Of(Service service, IEnumerable<SwarmTask> tasks, Func<string, bool> isDown)
    {
        var iteration = service.JobStatus?.JobIteration?.Index ?? 0;
        ulong running = 0, completed = 0, global = 0;
        foreach (var task in tasks)
        {
            var state = task.Status?.State ?? TaskState.New;
            var isCurrent = service.JobStatus is null || (task.JobIteration?.Index ?? 0) == iteration;
            running += state == TaskState.Running && !(task.DesiredState > TaskState.Running && isDown(task.NodeId)) ? 1UL : 0;
            completed += service.JobStatus is not null && isCurrent && state == TaskState.Complete ? 1UL : 0;
            global += service.Spec.ModeCase switch
            {
                ServiceSpec.ModeOneofCase.Global => task.DesiredState == TaskState.Running ? 1UL : 0,
                ServiceSpec.ModeOneofCase.GlobalJob => isCurrent && task.DesiredState == TaskState.Complete && state != TaskState.Complete ? 1UL : 0,
                _ => 0,
            };
        }

        var desired = service.Spec.ModeCase switch
        {
            ServiceSpec.ModeOneofCase.Replicated => service.Spec.Replicated.Replicas,
            ServiceSpec.ModeOneofCase.ReplicatedJob => service.Spec.ReplicatedJob.MaxConcurrent,
            _ => global,
        };
        return new ServiceTaskCounts(running, desired, completed);
    }
}
