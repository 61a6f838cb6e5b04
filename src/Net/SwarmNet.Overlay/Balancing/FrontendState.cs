namespace SwarmNet.Overlay.Balancing;

/// <summary>What is in force for a frontend.</summary>
/// <param name="Tier">How its slots are walked: index into <see cref="SlotTier.All"/>; -1 = no target, no slots.</param>
/// <param name="Slots">Target per slot; as many as the tier says.</param>
/// <param name="Drained">Targets that keep what they have and get nothing new, rising.</param>
internal sealed record FrontendState(int Tier, ulong[] Slots, ulong[] Drained)
{
    public static FrontendState Empty { get; } = new(-1, [], []);
}
