namespace SwarmNet.Overlay.Balancing;

/// <summary>What is in force for a frontend.</summary>
/// <param name="Walk">How its slots are walked.</param>
/// <param name="Slots">Target per slot; as many as the tier says.</param>
/// <param name="Drained">Targets that keep what they have and get nothing new, rising.</param>
internal sealed record FrontendState(SlotWalk Walk, ulong[] Slots, ulong[] Drained)
{
    public static FrontendState Empty { get; } = new(SlotWalk.None, [], []);

    /// <summary>How long its idle flows are remembered.</summary>
    public FlowSeconds Timeouts { get; init; }
}
