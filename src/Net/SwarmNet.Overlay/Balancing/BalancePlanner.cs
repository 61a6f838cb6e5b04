namespace SwarmNet.Overlay.Balancing;

/// <summary>Computes <see cref="BalancePlan"/>s. Pure.</summary>
internal static class BalancePlanner
{
    /// <summary>
    /// The changes from <paramref name="current"/> (slot table per frontend; length 0 or one of <see cref="SlotTier.Sizes"/>)
    /// to tables that serve <paramref name="wanted"/> (targets per frontend; none = known, but nobody there).
    /// </summary>
    public static BalancePlan Plan(
        IReadOnlyDictionary<ulong, ulong[]> current, IReadOnlyDictionary<ulong, IReadOnlyList<WeightedTarget>> wanted)
    {
        var plan = new BalancePlan();
        foreach ((ulong frontend, ulong[] slots) in current)
        {
            if (!wanted.ContainsKey(frontend))
            {
                plan.RemovedFrontends.Add(frontend);
                Replace(plan, frontend, slots, []);
            }
        }

        foreach ((ulong frontend, IReadOnlyList<WeightedTarget> targets) in wanted)
        {
            if (!current.TryGetValue(frontend, out ulong[]? before))
            {
                plan.AddedFrontends.Add(frontend);
                before = [];
            }

            ulong[] after = Table(before, [.. targets]);
            plan.Result.Add(frontend, after);
            Replace(plan, frontend, before, after);
        }

        return plan;
    }

    private static ulong[] Table(ulong[] before, WeightedTarget[] targets)
    {
        int active = targets.Count(static target => target.Weight > 0);
        if (active == 0)
        {
            return [];
        }

        ulong[] after = new ulong[SlotTier.Sizes[SlotTier.For(active)]];
        if (before.Length == after.Length)
        {
            before.CopyTo(after, 0);
        }

        SlotAssigner.Assign(after, targets);
        return after;
    }

    private static void Replace(BalancePlan plan, ulong frontend, ulong[] before, ulong[] after)
    {
        bool sameTier = before.Length == after.Length;
        if (!sameTier && before.Length > 0)
        {
            plan.RemovedTiers.Add((frontend, SlotTier.OfSize(before.Length)));
        }

        if (!sameTier && after.Length > 0)
        {
            plan.AddedTiers.Add((frontend, SlotTier.OfSize(after.Length)));
        }

        for (int slot = 0; slot < Math.Max(before.Length, after.Length); slot++)
        {
            ulong was = slot < before.Length ? before[slot] : 0;
            ulong becomes = slot < after.Length ? after[slot] : 0;
            if (was == becomes)
            {
                continue;
            }

            if (was != 0)
            {
                plan.RemovedSlots.Add(new SlotChange(frontend, slot, was));
            }

            if (becomes != 0)
            {
                plan.AddedSlots.Add(new SlotChange(frontend, slot, becomes));
            }
        }

        foreach (ulong target in before.Where(static slot => slot != 0).Except(after))
        {
            plan.LeavingTargets.Add((frontend, target));
        }
    }
}
