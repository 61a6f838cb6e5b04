namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// Sizes of slot tables. A frontend with one target needs one slot; the usual one has 61; a very wide one 1,021.
/// </summary>
/// <remarks>
/// The rules walk the slots with one counter that all frontends share, so a client that alternates between two frontends
/// steps through each by twos. The sizes are prime: every such walk still visits every slot before it repeats.
/// </remarks>
internal static class SlotTier
{
    /// <summary>Slots of tier 0, 1 and 2.</summary>
    public static ReadOnlySpan<int> Sizes => [1, 61, 1021];

    /// <summary>The smallest tier whose slots divide among <paramref name="targets"/> evenly enough: at least three each.</summary>
    public static int For(int targets) => targets <= 1 ? 0 : targets <= 20 ? 1 : 2;

    /// <summary>The tier with that many slots, or -1.</summary>
    public static int OfSize(int slots) => Sizes.IndexOf(slots);
}
