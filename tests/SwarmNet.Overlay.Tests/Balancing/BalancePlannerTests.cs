namespace SwarmNet.Overlay.Balancing;

public sealed class BalancePlannerTests
{
    [Test]
    public void Unchanged_frontends_give_an_empty_plan()
    {
        BalancePlan first = BalancePlanner.Plan(Nothing, Wanted((1, [10, 11, 12]), (2, [])));
        BalancePlan second = BalancePlanner.Plan(After(Nothing, first), Wanted((2, []), (1, [12, 11, 10])));
        Assert.That(second.IsEmpty, Is.True);
        Assert.That(second.LeavingTargets, Is.Empty);
    }

    [Test]
    public void A_single_target_takes_one_slot_and_two_take_the_next_tier()
    {
        BalancePlan one = BalancePlanner.Plan(Nothing, Wanted((1, [10])));
        Assert.That(one.AddedSlots, Is.EqualTo(new[] { new SlotChange(1, 0, 10) }));
        Assert.That(one.AddedTiers, Is.EqualTo(new[] { (1ul, new SlotWalk(0, 0)) }));

        BalancePlan two = BalancePlanner.Plan(After(Nothing, one), Wanted((1, [10, 11])));
        Assert.That(two.RemovedTiers, Is.EqualTo(new[] { (1ul, new SlotWalk(0, 0)) }));
        Assert.That(two.AddedTiers, Is.EqualTo(new[] { (1ul, new SlotWalk(1, 0)) }));
        Assert.That(two.LeavingTargets, Is.Empty);
    }

    [Test]
    public void A_frontend_without_targets_stays_known_and_has_no_tier()
    {
        BalancePlan plan = BalancePlanner.Plan(Nothing, Wanted((1, [])));
        Assert.That(plan.AddedFrontends, Is.EqualTo(new[] { 1ul }));
        Assert.That(plan.AddedTiers, Is.Empty);
        Assert.That(plan.AddedSlots, Is.Empty);
    }

    [Test]
    public void Targets_that_leave_are_named()
    {
        BalancePlan before = BalancePlanner.Plan(Nothing, Wanted((1, [10, 11, 12]), (2, [10])));
        BalancePlan after = BalancePlanner.Plan(After(Nothing, before), Wanted((1, [11, 12]), (2, null)));
        Assert.That(after.LeavingTargets, Is.EquivalentTo(new[] { (1ul, 10ul), (2ul, 10ul) }));
        Assert.That(after.RemovedFrontends, Is.EqualTo(new[] { 2ul }));
    }

    /// <summary>Whatever sequence of wishes: applying every plan to a model of the kernel's map gives the wanted shares.</summary>
    [Test]
    public void Plans_applied_in_sequence_lead_to_what_was_wanted()
    {
        int seed = TestSeed.Next();
        var random = new Random(seed);
        var map = new Dictionary<(ulong, int), ulong>();
        var tiers = new Dictionary<ulong, SlotWalk>();
        var current = new Dictionary<ulong, FrontendState>();
        for (int round = 0; round < 300; round++)
        {
            var wanted = new Dictionary<ulong, WantedFrontend?>(Wanted([.. Enumerable.Range(1, random.Next(6)).Select(frontend =>
                ((ulong)frontend, (ulong[]?)Enumerable.Range(10, random.Next(30)).Where(_ => random.Next(3) > 0).Select(id => (ulong)id).ToArray()))]));
            foreach (ulong frontend in current.Keys)
            {
                wanted.TryAdd(frontend, null);
            }

            BalancePlan plan = BalancePlanner.Plan(current, wanted);
            foreach (SlotChange change in plan.RemovedSlots)
            {
                Assert.That(map.Remove((change.Frontend, change.Slot)), Is.True);
            }

            foreach (SlotChange change in plan.AddedSlots)
            {
                map.Add((change.Frontend, change.Slot), change.Target);
            }

            foreach ((ulong frontend, SlotWalk tier) in plan.RemovedTiers)
            {
                Assert.That(tiers.Remove(frontend, out SlotWalk was) && was == tier, Is.True);
            }

            foreach ((ulong frontend, SlotWalk tier) in plan.AddedTiers)
            {
                tiers.Add(frontend, tier);
            }

            foreach ((ulong frontend, WantedFrontend? want) in wanted)
            {
                IReadOnlyList<WeightedTarget> targets = want?.Targets ?? [];
                var slots = map.Where(entry => entry.Key.Item1 == frontend).ToList();
                Assert.That(slots.Select(entry => entry.Value).Distinct(), Is.EquivalentTo(targets.Select(target => target.Id)));
                Assert.That(slots, Has.Count.EqualTo(targets.Count == 0 ? 0 : SlotTier.All[tiers[frontend].Tier].Size));
            }

            Assert.That(map.Keys.Select(key => key.Item1).Distinct(), Is.SubsetOf(wanted.Where(w => w.Value is not null).Select(w => w.Key)));
            current = After(current, plan);
        }
    }

    [Test]
    public void Frontends_that_are_not_named_stay()
    {
        BalancePlan before = BalancePlanner.Plan(Nothing, Wanted((1, [10]), (2, [11])));
        BalancePlan after = BalancePlanner.Plan(After(Nothing, before), Wanted((2, [12])));
        Assert.That(after.Result.Keys, Is.EqualTo(new[] { 2ul }));
        Assert.That(after.RemovedFrontends, Is.Empty);
    }

    [Test]
    public void A_drained_target_leaves_its_slots_and_is_gone_only_when_it_is_not_named_any_more()
    {
        BalancePlan before = BalancePlanner.Plan(Nothing, Wanted((1, [10, 11])));
        Dictionary<ulong, FrontendState> state = After(Nothing, before);
        BalancePlan drained = BalancePlanner.Plan(state, new Dictionary<ulong, WantedFrontend?>
        {
            [1] = new([new WeightedTarget(10, 0), new WeightedTarget(11, 1)]),
        });
        Assert.That(drained.LeavingTargets, Is.EqualTo(new[] { (1ul, 10ul) }));
        Assert.That(drained.AddedDrained, Is.EqualTo(new[] { (1ul, 10ul) }));
        Assert.That(drained.GoneTargets, Is.Empty);
        BalancePlan gone = BalancePlanner.Plan(After(state, drained), Wanted((1, [11])));
        Assert.That(gone.LeavingTargets, Is.Empty);
        Assert.That(gone.RemovedDrained, Is.EqualTo(new[] { (1ul, 10ul) }));
        Assert.That(gone.GoneTargets, Is.EqualTo(new[] { (1ul, 10ul) }));
    }

    [Test]
    public void A_difference_of_two_states_leads_from_one_to_the_other()
    {
        Dictionary<ulong, FrontendState> one = After(Nothing, BalancePlanner.Plan(Nothing, Wanted((1, [10, 11, 12]), (2, [10]))));
        Dictionary<ulong, FrontendState> other = After(Nothing, BalancePlanner.Plan(Nothing, Wanted((1, [10, 11, 13]), (3, []))));
        BalancePlan plan = BalancePlanner.Diff(one, other);
        Assert.That(plan.RemovedFrontends, Is.EqualTo(new[] { 2ul }));
        Assert.That(plan.AddedFrontends, Is.EqualTo(new[] { 3ul }));
        Assert.That(BalancePlanner.Diff(After(one, plan), other).IsEmpty, Is.True);
    }

    private static readonly Dictionary<ulong, FrontendState> Nothing = [];

    private static Dictionary<ulong, FrontendState> After(Dictionary<ulong, FrontendState> current, BalancePlan plan)
    {
        var after = new Dictionary<ulong, FrontendState>(current);
        foreach ((ulong frontend, FrontendState? state) in plan.Result)
        {
            if (state is null)
            {
                after.Remove(frontend);
            }
            else
            {
                after[frontend] = state;
            }
        }

        return after;
    }

    private static Dictionary<ulong, WantedFrontend?> Wanted(params (ulong Frontend, ulong[]? Targets)[] frontends)
        => frontends.ToDictionary(
            static frontend => frontend.Frontend,
            static frontend => frontend.Targets is null ? null : new WantedFrontend([.. frontend.Targets.Select(static id => new WeightedTarget(id, 1))]));
}
