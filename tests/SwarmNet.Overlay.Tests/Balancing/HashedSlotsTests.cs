namespace SwarmNet.Overlay.Balancing;

public sealed class HashedSlotsTests
{
    private const int Size = 1021;

    [Test]
    public void The_order_of_the_targets_and_the_table_before_do_not_matter()
    {
        ulong[] dirty = [.. Enumerable.Repeat(7ul, Size)];
        HashedSlots.Assign(dirty, [new(3, 1), new(1, 1), new(2, 1)]);
        Assert.That(dirty, Is.EqualTo(Table(new(1, 1), new(2, 1), new(3, 1))));
    }

    [Test]
    public void A_target_that_leaves_or_is_drained_moves_only_its_own_slots([Values] bool drained)
    {
        ulong[] before = Table(Many(10));
        ulong[] after = Table([.. Many(10).Where(target => drained || target.Id != 4).Select(static target => target.Id == 4 ? target with { Weight = 0 } : target)]);
        for (int slot = 0; slot < Size; slot++)
        {
            Assert.That(after[slot], before[slot] == 4 ? Is.Not.EqualTo(4) : Is.EqualTo(before[slot]));
        }
    }

    [Test]
    public void Shares_follow_the_weights()
    {
        ulong[] table = Table(new(1, 1), new(2, 3), new(3, 0));
        Assert.That(table.Count(static id => id == 1), Is.InRange(Size / 4 * 0.8, Size / 4 * 1.2));
        Assert.That(table, Has.None.EqualTo(3));
    }

    [Test]
    public void Equal_weights_get_about_equal_shares()
    {
        ulong[] table = Table(Many(10));
        for (ulong id = 1; id <= 10; id++)
        {
            Assert.That(table.Count(slot => slot == id), Is.InRange(70, 135));
        }
    }

    private static WeightedTarget[] Many(int count) => [.. Enumerable.Range(1, count).Select(static id => new WeightedTarget((ulong)id, 1))];

    private static ulong[] Table(params WeightedTarget[] targets)
    {
        ulong[] slots = new ulong[Size];
        HashedSlots.Assign(slots, targets);
        return slots;
    }
}
