namespace SwarmNet.Raft.Tests;

/// <summary>Histories one knows the answer to, and right histories made wrong on purpose. "w1 0 5" = write of 1 from time 0 to 5; "?" = never returned.</summary>
public class LinearizabilityCheckerTests
{
    [TestCase("", true)]
    [TestCase("r0 0 1", true)]
    [TestCase("r1 0 1", false, Description = "never written")]
    [TestCase("w1 0 1, r1 2 3", true)]
    [TestCase("w1 0 1, r0 2 3", false, Description = "stale read")]
    [TestCase("w1 0 3, r0 1 2", true, Description = "overlapping: the read may come first")]
    [TestCase("w1 0 3, r1 1 2", true, Description = "overlapping: or last")]
    [TestCase("w1 0 5, r1 1 2, r0 3 4", false, Description = "seen, then not seen")]
    [TestCase("w1 0 5, r0 1 2, r1 3 4", true)]
    [TestCase("w1 0 ?, r1 1 2", true, Description = "of unknown outcome: took effect")]
    [TestCase("w1 0 ?, r0 1 2, r0 9 10", true, Description = "did not")]
    [TestCase("w1 0 ?, r0 1 2, r1 3 4, r0 5 6", false, Description = "not twice")]
    [TestCase("w1 5 ?, r1 1 2", false, Description = "not before its call")]
    [TestCase("w1 0 1, w2 2 3, r1 4 5", false, Description = "overwritten")]
    [TestCase("w1 0 3, w2 1 2, r1 4 5", true)]
    [TestCase("w1 0 3, w2 1 2, r1 4 5, r2 6 7", false, Description = "one order for all")]
    [TestCase("w1 0 9, w2 0 9, r1 1 2, r2 3 4, r1 5 6", false)]
    [TestCase("w1 0 9, w2 0 9, w1 0 9, r1 1 2, r2 3 4, r1 5 6", true)]
    public void A_history_is_linearizable_or_not(string history, bool expected) =>
        Assert.That(LinearizabilityChecker.IsLinearizable(Parse(history), out _), Is.EqualTo(expected));

    [Test]
    public void It_agrees_with_a_search_of_all_orders()
    {
        Random random = new(TestSeed.Next());
        int wrong = 0;
        for (int i = 0; i < 5000; i++)
        {
            List<Operation> history = [];
            for (int count = random.Next(1, 7); count > 0; count--)
            {
                int called = random.Next(12);
                history.Add(new Operation
                {
                    Key = 0,
                    IsWrite = random.Next(2) == 0,
                    Value = random.Next(3),
                    Called = called * 20 + count,
                    Returned = random.Next(5) == 0 ? Operation.Never : (called + random.Next(1, 6)) * 20 + 10 + count,
                });
            }

            history.RemoveAll(o => !o.IsWrite && o.Returned == Operation.Never);
            bool expected = AnyOrder(history, 0);
            wrong += expected ? 0 : 1;
            Assert.That(LinearizabilityChecker.IsLinearizable(history, out _), Is.EqualTo(expected), string.Join("; ", history));
        }

        Assert.That(wrong, Is.InRange(500, 4500), "both answers were tried");
    }

    [Test]
    public void A_right_history_made_wrong_is_found_out()
    {
        Random random = new(TestSeed.Next());
        for (int run = 0; run < 300; run++)
        {
            // Operations in sequence, each stretched over its neighbours: right by construction, its order hidden.
            List<Operation> history = [];
            int value = 0;
            int writes = 0;
            for (int i = 0; i < 60; i++)
            {
                bool isWrite = random.Next(2) == 0;
                value = isWrite ? ++writes : value;
                history.Add(new Operation
                {
                    Key = 0,
                    IsWrite = isWrite,
                    Value = value,
                    Called = (i * 100) - random.Next(150),
                    Returned = isWrite && random.Next(8) == 0 ? Operation.Never : (i * 100) + random.Next(1, 150),
                });
            }

            Assert.That(LinearizabilityChecker.IsLinearizable(history, out bool givenUp) && !givenUp);
            // Stale read: a value that was overwritten well before the read began.
            Operation read = new() { Key = 0, IsWrite = false, Called = 9000, Returned = 9001, Value = 0 };
            history.Add(new Operation { Key = 0, IsWrite = true, Value = ++writes, Called = 7000, Returned = 7001 });
            history.Add(read);
            Operation[] open = [.. history.Where(o => o.Returned == Operation.Never)];
            Operation[] old = [.. history.Where(o => o.IsWrite && o.Returned < 6900)];
            read.Value = old.Length == 0 ? 0 : old[random.Next(old.Length)].Value;
            Assert.That(LinearizabilityChecker.IsLinearizable(history, out _), Is.False, "a stale read");
            read.Value = writes + 1;
            Assert.That(LinearizabilityChecker.IsLinearizable(history, out _), Is.False, "a value out of thin air");
            read.Value = writes;
            Assert.That(LinearizabilityChecker.IsLinearizable(history, out _), Is.True);
            foreach (Operation operation in open)
            {
                read.Value = operation.Value;
                Assert.That(LinearizabilityChecker.IsLinearizable(history, out _) || history.Exists(o => !o.IsWrite && o != read && o.Value == operation.Value),
                    "an open write may take effect late, unless it was read before");
            }
        }
    }

    private static bool AnyOrder(List<Operation> left, int value)
    {
        if (left.Count == 0)
        {
            return true;
        }

        foreach (Operation next in left)
        {
            if (left.Exists(other => other.Returned < next.Called) || (!next.IsWrite && next.Value != value))
            {
                continue;
            }

            if (AnyOrder([.. left.Where(other => other != next)], next.IsWrite ? next.Value : value))
            {
                return true;
            }
        }

        return false;
    }

    private static List<Operation> Parse(string history) => [.. history.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text =>
    {
        string[] words = text.Trim().Split(' ');
        return new Operation
        {
            Key = 0,
            IsWrite = words[0][0] == 'w',
            Value = int.Parse(words[0][1..]),
            Called = long.Parse(words[1]),
            Returned = words[2] == "?" ? Operation.Never : long.Parse(words[2]),
        };
    })];
}
