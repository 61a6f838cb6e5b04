namespace SwarmNet.Overlay.Balancing;

public sealed class SlotTierTests
{
    [TestCase(0, 0)]
    [TestCase(1, 1)]
    [TestCase(2, 23)]
    [TestCase(7, 23)]
    [TestCase(8, 61)]
    [TestCase(20, 61)]
    [TestCase(21, 1021)]
    [TestCase(2000, 1021)]
    public void The_number_of_equal_targets_gives_the_number_of_slots(int targets, int slots)
    {
        int tier = SlotTier.For(Targets(Enumerable.Repeat(5, targets)), isHashed: false);
        Assert.That(tier < 0 ? 0 : SlotTier.All[tier].Size, Is.EqualTo(slots));
        Assert.That(tier >= 0 && SlotTier.All[tier].IsHashed, Is.False);
    }

    [TestCase(23, 1, 3)]
    [TestCase(23, 1, 2, 3, 0)]
    [TestCase(61, 1, 2, 5)]
    [TestCase(1021, 1, 100)]
    [TestCase(1021, 1, int.MaxValue)]
    [TestCase(1, 0, 9, 0)]
    public void Weights_far_apart_take_more_slots(int slots, params int[] weights) =>
        Assert.That(SlotTier.All[SlotTier.For(Targets(weights), isHashed: false)].Size, Is.EqualTo(slots));

    [Test]
    public void Where_the_address_chooses_the_table_is_large([Values(2, 5, 50)] int targets) =>
        Assert.That(SlotTier.All[SlotTier.For(Targets(Enumerable.Repeat(1, targets)), isHashed: true)], Is.EqualTo(new SlotTier(1021, IsHashed: true)));

    /// <summary>What the tiers promise: weights are kept to within a third, as long as the largest table suffices.</summary>
    [Test]
    public void The_tier_is_large_enough_for_the_shares()
    {
        var random = new Random(TestSeed.Next());
        for (int round = 0; round < 300; round++)
        {
            WeightedTarget[] targets = Targets(Enumerable.Range(0, random.Next(2, 40)).Select(_ => random.Next(1, 8)));
            ulong[] slots = new ulong[SlotTier.All[SlotTier.For(targets, isHashed: false)].Size];
            SlotAssigner.Assign(slots, targets);
            double total = targets.Sum(static target => target.Weight);
            foreach (WeightedTarget target in targets)
            {
                double share = slots.Length * target.Weight / total;
                Assert.That(slots.Count(slot => slot == target.Id), Is.EqualTo(share).Within(share / 3), $"round {round}, target {target}");
            }
        }
    }

    [Test]
    public void Of_few_equal_targets_the_busiest_is_within_a_twentieth_of_its_share([Values(2, 3, 4, 6)] int targets)
    {
        ulong[] slots = new ulong[SlotTier.All[SlotTier.For(Targets(Enumerable.Repeat(1, targets)), isHashed: false)].Size];
        SlotAssigner.Assign(slots, Targets(Enumerable.Repeat(1, targets)));
        int most = slots.GroupBy(static slot => slot).Max(static group => group.Count());
        Assert.That(most * targets / (double)slots.Length, Is.LessThan(1.05));
    }

    private static WeightedTarget[] Targets(IEnumerable<int> weights) => [.. weights.Select(static (weight, i) => new WeightedTarget((ulong)i + 1, weight))];
}
