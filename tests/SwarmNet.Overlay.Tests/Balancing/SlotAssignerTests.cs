namespace SwarmNet.Overlay.Balancing;

public sealed class SlotAssignerTests
{
    private static readonly int[] Sizes = [1, 23, 61, 1021];
    private static readonly int[] CountingSizes = [23, 61];

    [Test]
    public void Every_target_gets_its_share_to_within_one_slot([ValueSource(nameof(Sizes))] int size, [Values(1, 2, 3, 5, 7, 20)] int targets)
    {
        ulong[] slots = new ulong[size];
        SlotAssigner.Assign(slots, Targets(targets));
        for (ulong id = 1; id <= (ulong)targets; id++)
        {
            Assert.That(slots.Count(slot => slot == id), Is.InRange(size / targets, (size + targets - 1) / targets));
        }
    }

    [Test]
    public void Weights_are_honoured()
    {
        ulong[] slots = new ulong[61];
        SlotAssigner.Assign(slots, [new(1, 1), new(2, 2), new(3, 0), new(4, 3)]);
        Assert.That(slots.Count(slot => slot == 1), Is.EqualTo(10));
        Assert.That(slots.Count(slot => slot == 2), Is.EqualTo(20));
        Assert.That(slots, Does.Not.Contain(3ul));
        Assert.That(slots.Count(slot => slot == 4), Is.EqualTo(31));
    }

    [Test]
    public void Without_targets_the_table_is_empty()
    {
        ulong[] slots = [1, 2, 1];
        SlotAssigner.Assign(slots, []);
        Assert.That(slots, Is.All.EqualTo(0ul));
    }

    [Test]
    public void The_order_of_targets_does_not_matter([ValueSource(nameof(CountingSizes))] int size)
    {
        ulong[] one = new ulong[size];
        ulong[] two = new ulong[size];
        SlotAssigner.Assign(one, Targets(7));
        SlotAssigner.Assign(two, [.. Targets(7).Reverse()]);
        Assert.That(two, Is.EqualTo(one));
    }

    [Test]
    public void The_same_targets_again_change_nothing([ValueSource(nameof(CountingSizes))] int size)
    {
        Random random = Seeded();
        for (int round = 0; round < 200; round++)
        {
            WeightedTarget[] targets = RandomTargets(random, 20);
            ulong[] slots = new ulong[size];
            SlotAssigner.Assign(slots, targets);
            ulong[] again = [.. slots];
            SlotAssigner.Assign(again, targets);
            Assert.That(again, Is.EqualTo(slots));
        }
    }

    /// <summary>What must move: the slots of targets that left, and what the stayers have above their new share.</summary>
    [Test]
    public void A_change_of_targets_moves_no_more_slots_than_it_must([ValueSource(nameof(CountingSizes))] int size)
    {
        Random random = Seeded();
        for (int round = 0; round < 500; round++)
        {
            WeightedTarget[] before = [.. RandomTargets(random, 20).Select(target => target with { Weight = 1 })];
            ulong[] slots = new ulong[size];
            SlotAssigner.Assign(slots, before);
            WeightedTarget[] after = [.. before.Where(_ => random.Next(4) > 0), .. Targets(random.Next(3), 1000)];
            if (after.Length == 0)
            {
                continue;
            }

            ulong[] moved = [.. slots];
            SlotAssigner.Assign(moved, after);

            int changed = slots.Zip(moved).Count(pair => pair.First != pair.Second);
            int must = before.Sum(target => Math.Max(0,
                slots.Count(slot => slot == target.Id) - moved.Count(slot => slot == target.Id)));
            // A target whose rounding comes and goes within one change may cost a slot.
            Assert.That(changed, Is.LessThanOrEqualTo(must + after.Length), $"round {round}: {before.Length} -> {after.Length} targets");
            Assert.That(moved.Distinct(), Is.EquivalentTo(after.Select(target => target.Id)));
        }
    }

    [Test]
    public void Targets_that_come_one_by_one_take_turns_from_the_start(
        [ValueSource(nameof(CountingSizes))] int size, [Values(2, 3, 4, 5)] int targets)
    {
        ulong[] slots = new ulong[size];
        for (int known = 1; known <= targets; known++)
        {
            SlotAssigner.Assign(slots, Targets(known));
        }

        int longestWithout = 0;
        for (ulong id = 1; id <= (ulong)targets; id++)
        {
            int gap = 0;
            for (int step = 0; step < slots.Length * 2; step++)
            {
                gap = slots[step % slots.Length] == id ? 0 : gap + 1;
                longestWithout = Math.Max(longestWithout, gap);
            }
        }

        Assert.That(longestWithout, Is.LessThanOrEqualTo(4 * targets));
    }

    /// <summary>The counter is shared: a client that alternates between two services steps through each table by twos.</summary>
    [Test]
    public void Walking_by_twos_or_threes_still_reaches_every_target_soon(
        [ValueSource(nameof(CountingSizes))] int size, [Values(2, 3)] int stride, [Values(2, 3, 4)] int targets)
    {
        ulong[] slots = new ulong[size];
        SlotAssigner.Assign(slots, Targets(targets));
        for (int start = 0; start < slots.Length; start++)
        {
            var seen = new HashSet<ulong>();
            for (int step = 0; step < 20; step++)
            {
                seen.Add(slots[(start + (step * stride)) % slots.Length]);
            }

            Assert.That(seen, Has.Count.EqualTo(targets), $"from slot {start}");
        }
    }

    private static WeightedTarget[] Targets(int count, ulong after = 0)
        => [.. Enumerable.Range(1, count).Select(i => new WeightedTarget(after + (ulong)i, 1))];

    private static WeightedTarget[] RandomTargets(Random random, int most)
        => [.. Enumerable.Range(0, random.Next(1, most)).Select(i => new WeightedTarget((ulong)(i * 7) + 0x0a000105, random.Next(1, 4)))];

    private static Random Seeded()
    {
        int seed = TestSeed.Next();
        return new Random(seed);
    }
}
