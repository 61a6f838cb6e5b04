namespace SwarmNet.Overlay.Balancing;

/// <summary>What a frontend shall do with new flows.</summary>
/// <param name="Targets">Who serves, distinct by id.</param>
/// <param name="IsHashed">The client's address chooses the slot, instead of a counter.</param>
internal sealed record WantedFrontend(IReadOnlyList<WeightedTarget> Targets, bool IsHashed = false)
{
    /// <summary>How long a client is remembered; 0 = not.</summary>
    public uint StickySeconds { get; init; }

    /// <summary>How long its idle flows are.</summary>
    public FlowSeconds Timeouts { get; init; }

    /// <summary>With the affinity and timeouts of a service.</summary>
    public static WantedFrontend Of(IReadOnlyList<WeightedTarget> targets, ClientAffinity? affinity, FlowTimeouts? timeouts) =>
        new(targets, affinity is not null) { StickySeconds = FlowSeconds.Seconds(affinity?.Timeout), Timeouts = FlowSeconds.Of(timeouts) };
}
