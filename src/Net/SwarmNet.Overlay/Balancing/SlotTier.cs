namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// A size of slot tables and how new flows choose their slot. A frontend with one target needs one slot; the usual one has 61; a very
/// wide one 1,021. Where the client's address chooses, chance is evened out by always taking the large one.
/// </summary>
/// <remarks>
/// The counting rules walk the slots with one counter that all frontends share, so a client that alternates between two frontends
/// steps through each by twos. The sizes are prime: every such walk still visits every slot before it repeats.
/// </remarks>
/// <param name="Size">Slots of the table.</param>
/// <param name="IsHashed">The client's address chooses the slot, instead of a counter.</param>
internal readonly record struct SlotTier(int Size, bool IsHashed)
{
    private static readonly SlotTier[] _all = [new(1, false), new(61, false), new(1021, false), new(1021, true)];

    /// <summary>All tiers, the counting ones by rising size first.</summary>
    public static ReadOnlySpan<SlotTier> All => _all;

    /// <summary>The tier for that many targets, as an index into <see cref="All"/>: at least three slots each while it can.</summary>
    public static int For(int targets, bool isHashed) => targets switch
    {
        0 => -1,
        1 => 0,
        _ when isHashed => 3,
        <= 20 => 1,
        _ => 2,
    };
}
