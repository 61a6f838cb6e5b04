namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// A size of slot tables and how new flows choose their slot. A frontend with one target needs one slot; a small one has 23, a wider one 61, a very
/// wide one 1,021. Where the client's address chooses, chance is evened out by always taking the large one.
/// </summary>
/// <remarks>
/// <para>
/// The counting rules walk the slots with one counter that all frontends of a tier share, so a client that alternates between two frontends
/// steps through each by twos. The sizes are prime: every such walk still visits every slot before it repeats.
/// </para>
/// <para>
/// One less than 24 and one more than 60: among 2, 3, 4 or 6 equal targets the busiest gets less than a twentieth above its share. Most services are small,
/// and the kernel lists a map in time that grows with the square of its elements: slots are not for nothing.
/// </para>
/// </remarks>
/// <param name="Size">Slots of the table.</param>
/// <param name="IsHashed">The client's address chooses the slot, instead of a counter.</param>
internal readonly record struct SlotTier(int Size, bool IsHashed)
{
    private const int MinSlots = 3;

    private static readonly SlotTier[] _all = [new(1, false), new(23, false), new(61, false), new(1021, false), new(1021, true)];

    /// <summary>All tiers, the counting ones by rising size first.</summary>
    public static ReadOnlySpan<SlotTier> All => _all;

    /// <summary>
    /// The tier for targets with distinct ids, as an index into <see cref="All"/>: the smallest in which the least of them has at least three slots, or
    /// the largest. -1 = there is none with a weight.
    /// </summary>
    public static int For(ReadOnlySpan<WeightedTarget> targets, bool isHashed)
    {
        int active = 0;
        long total = 0;
        long least = long.MaxValue;
        foreach (WeightedTarget target in targets)
        {
            if (target.Weight > 0)
            {
                active++;
                total += target.Weight;
                least = Math.Min(least, target.Weight);
            }
        }

        if (active <= 1)
        {
            return active - 1;
        }

        int hashed = Array.FindIndex(_all, static tier => tier.IsHashed);
        if (isHashed)
        {
            return hashed;
        }

        int fitting = Array.FindIndex(_all, 0, hashed, tier => tier.Size * least >= MinSlots * total);
        return fitting < 0 ? hashed - 1 : fitting;
    }
}
