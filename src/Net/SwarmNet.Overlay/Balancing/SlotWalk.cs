namespace SwarmNet.Overlay.Balancing;

/// <summary>How a frontend's new flows find their slot.</summary>
/// <param name="Tier">Index into <see cref="SlotTier.All"/>; -1 = there is none.</param>
/// <param name="StickySeconds">How long a client keeps its target; 0 = it is not remembered.</param>
internal readonly record struct SlotWalk(int Tier, uint StickySeconds)
{
    public static SlotWalk None => new(-1, 0);
}
