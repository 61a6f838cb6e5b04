namespace SwarmNet.Overlay.Balancing;

public sealed class BalancePlannerTests
{
    [Test]
    public void Unchanged_frontends_give_an_empty_plan()
    {
        BalancePlan first = BalancePlanner.Plan(Nothing, Wanted((1, [10, 11, 12]), (2, [])));
        BalancePlan second = BalancePlanner.Plan(first.Result, Wanted((2, []), (1, [12, 11, 10])));
        Assert.That(second.IsEmpty, Is.True);
        Assert.That(second.LeavingTargets, Is.Empty);
    }

    [Test]
    public void A_single_target_takes_one_slot_and_two_take_the_next_tier()
    {
        BalancePlan one = BalancePlanner.Plan(Nothing, Wanted((1, [10])));
        Assert.That(one.AddedSlots, Is.EqualTo(new[] { new SlotChange(1, 0, 10) }));
        Assert.That(one.AddedTiers, Is.EqualTo(new[] { (1ul, 0) }));

        BalancePlan two = BalancePlanner.Plan(one.Result, Wanted((1, [10, 11])));
        Assert.That(two.RemovedTiers, Is.EqualTo(new[] { (1ul, 0) }));
        Assert.That(two.AddedTiers, Is.EqualTo(new[] { (1ul, 1) }));
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
        BalancePlan after = BalancePlanner.Plan(before.Result, Wanted((1, [11, 12])));
        Assert.That(after.LeavingTargets, Is.EquivalentTo(new[] { (1ul, 10ul), (2ul, 10ul) }));
        Assert.That(after.RemovedFrontends, Is.EqualTo(new[] { 2ul }));
    }

    /// <summary>Whatever sequence of wishes: applying every plan to a model of the kernel's map gives the wanted shares.</summary>
    [Test]
    public void Plans_applied_in_sequence_lead_to_what_was_wanted()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var map = new Dictionary<(ulong, int), ulong>();
        var tiers = new Dictionary<ulong, int>();
        IReadOnlyDictionary<ulong, ulong[]> current = Nothing;
        for (int round = 0; round < 300; round++)
        {
            var wanted = Wanted([.. Enumerable.Range(1, random.Next(6)).Select(frontend =>
                ((ulong)frontend, Enumerable.Range(10, random.Next(30)).Where(_ => random.Next(3) > 0).Select(id => (ulong)id).ToArray()))]);
            BalancePlan plan = BalancePlanner.Plan(current, wanted);
            foreach (SlotChange change in plan.RemovedSlots)
            {
                Assert.That(map.Remove((change.Frontend, change.Slot)), Is.True);
            }

            foreach (SlotChange change in plan.AddedSlots)
            {
                map.Add((change.Frontend, change.Slot), change.Target);
            }

            foreach ((ulong frontend, int tier) in plan.RemovedTiers)
            {
                Assert.That(tiers.Remove(frontend, out int was) && was == tier, Is.True);
            }

            foreach ((ulong frontend, int tier) in plan.AddedTiers)
            {
                tiers.Add(frontend, tier);
            }

            foreach ((ulong frontend, IReadOnlyList<WeightedTarget> targets) in wanted)
            {
                var slots = map.Where(entry => entry.Key.Item1 == frontend).ToList();
                Assert.That(slots.Select(entry => entry.Value).Distinct(), Is.EquivalentTo(targets.Select(target => target.Id)));
                Assert.That(slots, Has.Count.EqualTo(targets.Count == 0 ? 0 : SlotTier.Sizes[tiers[frontend]]));
            }

            Assert.That(map.Keys.Select(key => key.Item1).Distinct(), Is.SubsetOf(wanted.Keys));
            current = plan.Result;
        }
    }

    private static readonly Dictionary<ulong, ulong[]> Nothing = [];

    private static Dictionary<ulong, IReadOnlyList<WeightedTarget>> Wanted(params (ulong Frontend, ulong[] Targets)[] frontends)
        => frontends.ToDictionary(
            static frontend => frontend.Frontend,
            static frontend => (IReadOnlyList<WeightedTarget>)[.. frontend.Targets.Select(static id => new WeightedTarget(id, 1))]);
}
