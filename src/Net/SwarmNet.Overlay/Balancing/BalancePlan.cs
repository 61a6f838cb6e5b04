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
    public List<(ulong Frontend, SlotWalk Walk)> RemovedTiers { get; } = [];

    /// <summary>Frontends whose entry in the tier map comes.</summary>
    public List<(ulong Frontend, SlotWalk Walk)> AddedTiers { get; } = [];

    /// <summary>Frontends that were not there before, with or without targets.</summary>
    public List<ulong> AddedFrontends { get; } = [];

    /// <summary>Frontends that are no longer there.</summary>
    public List<ulong> RemovedFrontends { get; } = [];

    /// <summary>Frontends whose timeouts go; also when they change.</summary>
    public List<ulong> RemovedTimeouts { get; } = [];

    /// <summary>Frontends whose timeouts come.</summary>
    public List<(ulong Frontend, FlowSeconds Timeouts)> AddedTimeouts { get; } = [];

    /// <summary>Targets that are no longer noted as drained.</summary>
    public List<(ulong Frontend, ulong Target)> RemovedDrained { get; } = [];

    /// <summary>Targets to be noted as drained.</summary>
    public List<(ulong Frontend, ulong Target)> AddedDrained { get; } = [];

    /// <summary>Targets that no longer take new flows of a frontend: their connection-less flows must be forgotten.</summary>
    public List<(ulong Frontend, ulong Target)> LeavingTargets { get; } = [];

    /// <summary>Targets that are not even drained any more: all their flows must be forgotten.</summary>
    public List<(ulong Frontend, ulong Target)> GoneTargets { get; } = [];

    /// <summary>What is in force afterwards of the frontends that were looked at; null = the frontend is gone.</summary>
    public Dictionary<ulong, FrontendState?> Result { get; } = [];

    /// <summary>Number of kernel entries that change; a slot that changes hands counts once for going and once for coming.</summary>
    public int Count => RemovedSlots.Count + AddedSlots.Count + RemovedTiers.Count + AddedTiers.Count
        + AddedFrontends.Count + RemovedFrontends.Count + RemovedTimeouts.Count + AddedTimeouts.Count
        + RemovedDrained.Count + AddedDrained.Count;

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Count == 0;
}
