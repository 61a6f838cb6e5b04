namespace SwarmNet.Overlay.Balancing;

/// <summary>Computes <see cref="BalancePlan"/>s. Pure.</summary>
internal static class BalancePlanner
{
    /// <summary>
    /// The changes from <paramref name="current"/> to tables that serve <paramref name="wanted"/>: targets per frontend (none = known, but nobody
    /// there), or null for a frontend that goes. Frontends that are not named stay as they are.
    /// </summary>
    public static BalancePlan Plan(
        IReadOnlyDictionary<ulong, FrontendState> current, IReadOnlyDictionary<ulong, WantedFrontend?> wanted)
    {
        var plan = new BalancePlan();
        foreach ((ulong frontend, WantedFrontend? want) in wanted)
        {
            FrontendState? before = current.GetValueOrDefault(frontend);
            Add(plan, frontend, before, want is null ? null : State(before ?? FrontendState.Empty, want));
        }

        return plan;
    }

    /// <summary>The changes from one state of all frontends to another.</summary>
    public static BalancePlan Diff(IReadOnlyDictionary<ulong, FrontendState> current, IReadOnlyDictionary<ulong, FrontendState> wanted)
    {
        var plan = new BalancePlan();
        foreach (ulong frontend in current.Keys.Union(wanted.Keys))
        {
            Add(plan, frontend, current.GetValueOrDefault(frontend), wanted.GetValueOrDefault(frontend));
        }

        return plan;
    }

    private static void Add(BalancePlan plan, ulong frontend, FrontendState? before, FrontendState? after)
    {
        if (before is null && after is not null)
        {
            plan.AddedFrontends.Add(frontend);
        }
        else if (before is not null && after is null)
        {
            plan.RemovedFrontends.Add(frontend);
        }

        plan.Result.Add(frontend, after);
        Replace(plan, frontend, before ?? FrontendState.Empty, after ?? FrontendState.Empty);
    }

    private static FrontendState State(FrontendState before, WantedFrontend wanted)
    {
        WeightedTarget[] targets = [.. wanted.Targets];
        ulong[] drained = [.. targets.Where(static target => target.Weight == 0).Select(static target => target.Id).Order()];
        int tier = SlotTier.For(targets, wanted.IsHashed);
        if (tier < 0)
        {
            return new FrontendState(SlotWalk.None, [], drained) { Timeouts = wanted.Timeouts };
        }

        ulong[] slots = new ulong[SlotTier.All[tier].Size];
        if (SlotTier.All[tier].IsHashed)
        {
            HashedSlots.Assign(slots, targets);
        }
        else
        {
            if (before.Walk.Tier == tier)
            {
                before.Slots.CopyTo(slots, 0);
            }

            SlotAssigner.Assign(slots, targets);
        }

        return new FrontendState(new SlotWalk(tier, wanted.StickySeconds), slots, drained) { Timeouts = wanted.Timeouts };
    }

    private static void Replace(BalancePlan plan, ulong frontend, FrontendState before, FrontendState after)
    {
        if (before.Walk != after.Walk)
        {
            if (before.Walk != SlotWalk.None)
            {
                plan.RemovedTiers.Add((frontend, before.Walk));
            }

            if (after.Walk != SlotWalk.None)
            {
                plan.AddedTiers.Add((frontend, after.Walk));
            }
        }

        if (before.Timeouts != after.Timeouts)
        {
            if (before.Timeouts != default)
            {
                plan.RemovedTimeouts.Add(frontend);
            }

            if (after.Timeouts != default)
            {
                plan.AddedTimeouts.Add((frontend, after.Timeouts));
            }
        }

        ReplaceSlots(plan, frontend, before.Slots, after.Slots);
        ReplacePairs(frontend, before.Drained, after.Drained, plan.RemovedDrained, plan.AddedDrained);
        foreach (ulong target in before.Slots.Where(static slot => slot != 0).Except(after.Slots))
        {
            plan.LeavingTargets.Add((frontend, target));
        }

        foreach (ulong target in before.Slots.Where(static slot => slot != 0).Concat(before.Drained).Except(after.Slots).Except(after.Drained))
        {
            plan.GoneTargets.Add((frontend, target));
        }
    }

    private static void ReplaceSlots(BalancePlan plan, ulong frontend, ulong[] before, ulong[] after)
    {
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
    }

    private static void ReplacePairs(
        ulong frontend, IEnumerable<ulong> before, IEnumerable<ulong> after, List<(ulong Frontend, ulong Target)> removed, List<(ulong Frontend, ulong Target)> added)
    {
        foreach (ulong target in before.Except(after))
        {
            removed.Add((frontend, target));
        }

        foreach (ulong target in after.Except(before))
        {
            added.Add((frontend, target));
        }
    }
}
