namespace SwarmNet.EngineApi.Swarm;

/// <summary>The name that a task is shown and its container called by.</summary>
internal static class TaskNames
{
    /// <summary><c>service.slot.id</c>, <c>service.node.id</c> for a task without slot, or the task's own name.</summary>
    public static string Of(SwarmTask task)
    {
        if (task.Annotations is { Name.Length: > 0 } own)
        {
            return own.Name;
        }

        var place = task.Slot != 0 ? task.Slot.ToString(System.Globalization.CultureInfo.InvariantCulture) : task.NodeId;
        return $"{task.ServiceAnnotations?.Name}.{place}.{task.Id}";
    }
}
