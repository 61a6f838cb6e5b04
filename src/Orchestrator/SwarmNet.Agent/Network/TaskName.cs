using SwarmNet.Protocol;

namespace SwarmNet.Agent.Network;

/// <summary>A task's full name, which its container takes (SwarmKit <c>api/naming</c>).</summary>
internal static class TaskName
{
    public static string Of(SwarmTask task)
    {
        if (task.Annotations?.Name is { Length: > 0 } own)
        {
            return own;
        }

        var place = task.Slot != 0 ? task.Slot.ToString(System.Globalization.CultureInfo.InvariantCulture) : task.NodeId;
        return $"{task.ServiceAnnotations?.Name}.{place}.{task.Id}";
    }
}
