namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// Fills a slot table for clients that are told by their address. Unlike <see cref="SlotAssigner"/>, whose result depends on the table before, this is a
/// function of the targets alone: every host computes the same table, so a client meets the same target by whatever host it comes.
/// </summary>
/// <remarks>
/// Weighted rendezvous hashing: each slot goes to the target with the greatest score, -weight / ln(hash of target and slot). A target that
/// leaves gives its slots to the others and one that comes takes only what becomes its own; no other slot changes hands.
/// </remarks>
internal static class HashedSlots
{
    /// <summary>Computes the table for targets with distinct ids, in any order; at least one has a weight.</summary>
    public static void Assign(Span<ulong> slots, ReadOnlySpan<WeightedTarget> targets)
    {
        for (int slot = 0; slot < slots.Length; slot++)
        {
            double best = -1;
            foreach (WeightedTarget target in targets)
            {
                double score = Score(target, slot);
                if (score > best || (score == best && target.Id < slots[slot]))
                {
                    best = score;
                    slots[slot] = target.Id;
                }
            }
        }
    }

    private static double Score(WeightedTarget target, int slot)
    {
        if (target.Weight == 0)
        {
            return -1;
        }

        // 53 bits, in (0, 1): never ln(0) nor ln(1).
        double fraction = ((SlotAssigner.Mix(target.Id ^ SlotAssigner.Mix((ulong)slot)) >> 11) + 0.5) / (1UL << 53);
        return target.Weight / -Math.Log(fraction);
    }
}
