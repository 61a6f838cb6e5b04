namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// The difference between the slot tables in force and the wanted ones, to be applied as one transaction: first everything
/// that is removed, then everything that is added.
/// </summary>
internal sealed class BalancePlan
{
    /// <summary>Elements of the slot map to delete. A slot whose target changes is here and in <see cref="AddedSlots"/>.</summary>
    public List<SlotChange> RemovedSlots { get; } = [];

    /// <summary>Elements of the slot map to add.</summary>
    public List<SlotChange> AddedSlots { get; } = [];

    /// <summary>Frontends whose entry in the tier map goes; a frontend that changes tier is also in <see cref="AddedTiers"/>.</summary>
    public List<(ulong Frontend, int Tier)> RemovedTiers { get; } = [];

    /// <summary>Frontends whose entry in the tier map comes.</summary>
    public List<(ulong Frontend, int Tier)> AddedTiers { get; } = [];

    /// <summary>Frontends that were not there before, with or without targets.</summary>
    public List<ulong> AddedFrontends { get; } = [];

    /// <summary>Frontends that are no longer there.</summary>
    public List<ulong> RemovedFrontends { get; } = [];

    /// <summary>Targets that no longer take new flows of a frontend: their connection-less flows must be forgotten.</summary>
    public List<(ulong Frontend, ulong Target)> LeavingTargets { get; } = [];

    /// <summary>The tables to be in force afterwards, by frontend; empty array = a frontend without targets.</summary>
    public Dictionary<ulong, ulong[]> Result { get; } = [];

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => RemovedSlots.Count + AddedSlots.Count + RemovedTiers.Count + AddedTiers.Count
        + AddedFrontends.Count + RemovedFrontends.Count == 0;
}
