namespace SwarmNet.Manager.Store;

/// <summary>
/// Where a task of a service belongs: its slot (replicated), or its node (global, slot 0). Tasks that replace each other share the key.
/// </summary>
/// <param name="ServiceId">Service id.</param>
/// <param name="Slot">Slot number, 0 for global services.</param>
/// <param name="NodeId">Node id for global services, else empty.</param>
public readonly record struct SlotKey(string ServiceId, ulong Slot, string NodeId)
{
    /// <summary>The key of <paramref name="task"/>.</summary>
    public static SlotKey Of(SwarmTask task) => new(task.ServiceId, task.Slot, task.Slot == 0 ? task.NodeId : string.Empty);
}
