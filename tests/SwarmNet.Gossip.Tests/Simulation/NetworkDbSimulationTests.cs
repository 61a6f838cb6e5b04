using System.Text;
using SwarmNet.Gossip.NetworkDb;

namespace SwarmNet.Gossip.Tests;

public class NetworkDbSimulationTests
{
    private const string Network = "net1";
    private const string Table = "endpoint_table";

    [Test]
    public void Entries_reach_all_nodes_of_the_network_and_no_other([Values(3, 12)] int size)
    {
        SimulatedPool pool = Start(size, attached: size - 1);
        foreach (SimulatedPool.Node node in pool.Nodes.Take(size - 1))
        {
            node.Tables.CreateEntry(Network, Table, $"key-{node.Name}", Bytes($"value of {node.Name}"));
        }

        pool.RunUntil(() => pool.Nodes.Take(size - 1).All(node => node.Rows(Network, Table).Count == size - 1), TimeSpan.FromSeconds(10), "all have all");
        Assert.That(pool.Nodes[^1].Tables.Visible, Is.Empty);
        Assert.That(pool.Nodes[0].Events.Select(e => (e.Kind, e.OwnerNode)), Is.EquivalentTo(
            pool.Nodes.Skip(1).Take(size - 2).Select(node => (TableEventKind.Create, node.Name))));
    }

    [Test]
    public void Random_changes_under_loss_end_the_same_everywhere()
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        SimulatedPool pool = Start(6, attached: 6);
        pool.Loss = 0.2;
        Dictionary<string, string> expected = [];
        for (int i = 0; i < 300; i++)
        {
            SimulatedPool.Node node = pool.Nodes[random.Next(6)];
            string key = $"{node.Name}-{random.Next(8)}";
            if (!expected.ContainsKey(key))
            {
                node.Tables.CreateEntry(Network, Table, key, Bytes($"{i}"));
                expected[key] = $"{i}";
            }
            else if (random.Next(3) == 0)
            {
                node.Tables.DeleteEntry(Network, Table, key, pool.Now);
                expected.Remove(key);
            }
            else
            {
                node.Tables.UpdateEntry(Network, Table, key, Bytes($"{i}"));
                expected[key] = $"{i}";
            }

            pool.Run(TimeSpan.FromMilliseconds(random.Next(200)));
        }

        pool.RunUntil(() => pool.Nodes.All(node => Same(node.Rows(Network, Table), expected)), TimeSpan.FromSeconds(120), $"all have the same, seed {seed}");
        // The events say the same as the tables.
        foreach (SimulatedPool.Node node in pool.Nodes)
        {
            Assert.That(Replay(node.Events), Is.EquivalentTo(expected.Where(row => !row.Key.StartsWith(node.Name + "-", StringComparison.Ordinal))));
        }
    }

    [Test]
    public void A_late_joiner_gets_everything_by_bulk_sync_including_deletes()
    {
        SimulatedPool pool = Start(3, attached: 3);
        for (int i = 0; i < 200; i++)
        {
            pool.Nodes[i % 3].Tables.CreateEntry(Network, Table, $"{i}", Bytes(new string('x', 100)));
        }

        pool.Nodes[0].Tables.DeleteEntry(Network, Table, "0", pool.Now);
        pool.Run(TimeSpan.FromSeconds(20));
        SimulatedPool.Node late = pool.Start("late", 99);
        pool.Join(late, pool.Nodes[1]);
        late.Tables.JoinNetwork(Network);
        TimeSpan time = pool.RunUntil(() => late.Rows(Network, Table).Count == 199, TimeSpan.FromSeconds(20), "the joiner has all");
        Assert.That(time, Is.LessThan(TimeSpan.FromSeconds(5)), "it need not wait for a periodic sync");
    }

    [Test]
    public void Entries_of_a_failed_node_are_hidden_and_come_back_with_it()
    {
        SimulatedPool pool = Start(4, attached: 4);
        pool.Nodes[3].Tables.CreateEntry(Network, Table, "key", Bytes("value"));
        pool.RunUntil(() => pool.Nodes.All(node => node.Rows(Network, Table).Count == 1), TimeSpan.FromSeconds(10), "all have it");
        pool.Side[pool.Nodes[3].Name] = 1;
        pool.RunUntil(() => pool.Nodes.Take(3).All(node => node.Rows(Network, Table).Count == 0), TimeSpan.FromSeconds(60), "hidden");
        pool.Run(TimeSpan.FromSeconds(120));
        pool.Side.Clear();
        pool.RunUntil(() => pool.Nodes.All(node => node.Rows(Network, Table).Count == 1), TimeSpan.FromSeconds(60), "restored");
        Assert.That(pool.Nodes[0].Events.Select(e => e.Kind), Is.EqualTo(new[] { TableEventKind.Create, TableEventKind.Delete, TableEventKind.Create }));
    }

    [Test]
    public void A_node_that_resumes_is_never_without_entries_and_what_it_does_not_announce_again_goes([Values(0, 0.2)] double loss)
    {
        SimulatedPool pool = Start(4, attached: 4);
        pool.Nodes[3].Tables.CreateEntry(Network, Table, "old-kept", Bytes("kept"));
        pool.Nodes[3].Tables.CreateEntry(Network, Table, "old-lost", Bytes("lost"));
        pool.RunUntil(() => pool.Nodes.All(node => node.Rows(Network, Table).Count == 2), TimeSpan.FromSeconds(10), "all have both");
        pool.Nodes[3].Stopped = true;
        pool.Run(TimeSpan.FromSeconds(1));
        pool.Loss = loss;
        SimulatedPool.Node again = pool.Start("again", 3, resuming: true);
        pool.Join(again, pool.Nodes[0]);
        again.Tables.JoinNetwork(Network);
        // Longer than it takes to find the old process dead.
        pool.RunUntil(() => { EveryoneHasKept(); return pool.Nodes[1].StateOf("n3") == MemberState.Dead; }, TimeSpan.FromSeconds(25), "the old name is dead");
        again.Tables.CreateEntry(Network, Table, "new-kept", Bytes("kept"));
        pool.RunUntil(() => { EveryoneHasKept(); return again.Tables.IsQuiet; }, TimeSpan.FromSeconds(15), "it is announced again");
        again.Swim.ChangeMeta([]);
        pool.RunUntil(
            () => { EveryoneHasKept(); return pool.Running.All(node => node.Rows(Network, Table).Keys.SequenceEqual(["new-kept"])); },
            TimeSpan.FromSeconds(31), "the old entries are gone");

        void EveryoneHasKept() => Assert.That(
            pool.Nodes.Take(3).All(node => node.Rows(Network, Table).ContainsValue("kept")), $"kept is missing after {pool.Now}");
    }

    [Test]
    public void A_node_that_resumes_and_never_ends_it_loses_the_old_entries_after_half_a_minute()
    {
        SimulatedPool pool = Start(3, attached: 3);
        pool.Nodes[2].Tables.CreateEntry(Network, Table, "old", Bytes("old"));
        pool.RunUntil(() => pool.Nodes.All(node => node.Rows(Network, Table).Count == 1), TimeSpan.FromSeconds(10), "all have it");
        pool.Nodes[2].Stopped = true;
        SimulatedPool.Node again = pool.Start("again", 2, resuming: true);
        pool.Join(again, pool.Nodes[0]);
        pool.Run(TimeSpan.FromSeconds(25));
        Assert.That(pool.Nodes[0].Rows(Network, Table), Has.Count.EqualTo(1));
        pool.RunUntil(() => pool.Nodes.Take(2).All(node => node.Rows(Network, Table).Count == 0), TimeSpan.FromSeconds(15), "given up");
    }

    [Test]
    public void A_joiner_that_hears_of_the_new_name_before_the_old_one_takes_the_new_one_for_the_successor()
    {
        SimulatedPool pool = Start(2, attached: 2);
        pool.Nodes[1].Tables.CreateEntry(Network, Table, "old", Bytes("old"));
        pool.RunUntil(() => pool.Nodes[0].Rows(Network, Table).Count == 1, TimeSpan.FromSeconds(10), "known");
        NetworkDbCore late = new("late", new System.Net.IPEndPoint(System.Net.IPAddress.Parse("10.0.0.9"), 7946), new GossipTimers(), 34, 1, TimeSpan.Zero);
        late.MemberUp("again", pool.Nodes[1].EndPoint, NetworkDbCore.ResumingMeta, TimeSpan.Zero);
        late.MemberUp("n1", pool.Nodes[1].EndPoint, [], TimeSpan.Zero);
        late.MergeState(pool.Nodes[1].Tables.LocalState(join: true), join: true, TimeSpan.Zero);
        SimulatedPool.Node again = pool.Start("again", 1, resuming: true);
        again.Tables.JoinNetwork(Network);
        late.MergeState(again.Tables.LocalState(join: true), join: true, TimeSpan.Zero);
        Assert.That(late.NodesOf(Network), Is.EqualTo(new[] { "again" }), "the new one alone is spoken to");
    }

    [Test]
    public void Leaving_a_network_or_the_pool_deletes_the_leavers_entries()
    {
        SimulatedPool pool = Start(4, attached: 4);
        pool.Nodes[1].Tables.CreateEntry(Network, Table, "one", Bytes("1"));
        pool.Nodes[2].Tables.CreateEntry(Network, Table, "two", Bytes("2"));
        pool.RunUntil(() => pool.Nodes.All(node => node.Rows(Network, Table).Count == 2), TimeSpan.FromSeconds(10), "all have both");
        pool.Nodes[1].Tables.LeaveNetwork(Network, pool.Now);
        Assert.That(pool.Nodes[1].Rows(Network, Table), Is.Empty);
        pool.RunUntil(() => !pool.Nodes[0].Rows(Network, Table).ContainsKey("one"), TimeSpan.FromSeconds(10), "one is gone");
        pool.Nodes[2].Tables.LeaveCluster();
        pool.RunUntil(() => pool.Nodes[2].Tables.IsLeaveSent, TimeSpan.FromSeconds(5), "the goodbye is sent");
        pool.RunUntil(() => pool.Nodes[0].Rows(Network, Table).Count == 0, TimeSpan.FromSeconds(10), "two is gone");
    }

    [Test]
    public void A_new_node_at_a_failed_nodes_address_replaces_it()
    {
        SimulatedPool pool = Start(3, attached: 3);
        pool.Nodes[2].Tables.CreateEntry(Network, Table, "old", Bytes("old"));
        pool.RunUntil(() => pool.Nodes.All(node => node.Rows(Network, Table).Count == 1), TimeSpan.FromSeconds(10), "all have it");
        pool.Nodes[2].Stopped = true;
        SimulatedPool.Node again = pool.Start("reborn", 2);
        pool.Join(again, pool.Nodes[0]);
        again.Tables.JoinNetwork(Network);
        again.Tables.CreateEntry(Network, Table, "new", Bytes("new"));
        pool.RunUntil(
            () => pool.Running.All(node => Same(node.Rows(Network, Table), new() { ["new"] = "new" })), TimeSpan.FromSeconds(20), "the old entry goes at once");
    }

    [Test]
    public void Wrong_use_is_refused_with_a_sentence()
    {
        SimulatedPool pool = Start(2, attached: 1);
        Assert.That(() => pool.Nodes[1].Tables.CreateEntry(Network, Table, "k", []), Throws.InstanceOf<GossipException>().With.Message.Contains("not attached"));
        pool.Nodes[0].Tables.CreateEntry(Network, Table, "k", []);
        Assert.That(() => pool.Nodes[0].Tables.CreateEntry(Network, Table, "k", []), Throws.InstanceOf<GossipException>().With.Message.Contains("already"));
        Assert.That(() => pool.Nodes[0].Tables.UpdateEntry(Network, Table, "x", []), Throws.InstanceOf<GossipException>().With.Message.Contains("no entry x"));
    }

    [Test]
    public void Hostile_messages_never_throw()
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        SimulatedPool pool = Start(3, attached: 3);
        pool.Nodes[1].Tables.CreateEntry(Network, Table, "k", Bytes("v"));
        byte[] state = pool.Nodes[1].Swim.EncodeState(join: true);
        byte[] local = pool.Nodes[1].Tables.LocalState(join: false);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. random.Next(2) == 0 ? state : local];
            for (int flips = random.Next(1, 6); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Assert.That(
                () =>
                {
                    pool.Nodes[0].Swim.HandlePacket(bytes, pool.Nodes[1].EndPoint, pool.Now);
                    pool.Nodes[0].Swim.TryMergeState(bytes, pool.Now, out _, out _);
                    pool.Nodes[0].Tables.UserMessage(bytes, pool.Now);
                    pool.Nodes[0].Tables.MergeState(bytes, false, pool.Now);
                },
                Throws.Nothing,
                $"seed {seed}");
        }
    }

    private static SimulatedPool Start(int size, int attached)
    {
        SimulatedPool pool = SwimSimulationTests.NewPool(size);
        SwimSimulationTests.JoinAll(pool);
        pool.RunUntil(() => SwimSimulationTests.AllSee(pool, MemberState.Alive), TimeSpan.FromSeconds(60), "all see all");
        pool.Nodes.Take(attached).ToList().ForEach(node => node.Tables.JoinNetwork(Network));
        pool.RunUntil(
            () => pool.Nodes.Take(attached).All(node => node.Tables.NodesOf(Network).Count() == attached - 1),
            // Gossip misses one now and then above four members; the next push/pull, within 30 s, does not.
            TimeSpan.FromSeconds(60),
            "attachments known");
        return pool;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static bool Same(Dictionary<string, string> a, Dictionary<string, string> b) => a.Count == b.Count && !a.Except(b).Any();

    private static Dictionary<string, string> Replay(List<TableEvent> events)
    {
        Dictionary<string, string> rows = [];
        foreach (TableEvent tableEvent in events)
        {
            string value = Encoding.UTF8.GetString(tableEvent.Value.Span);
            switch (tableEvent.Kind)
            {
                case TableEventKind.Create:
                    rows.Add(tableEvent.Key, value);
                    break;
                case TableEventKind.Update:
                    Assert.That(rows, Contains.Key(tableEvent.Key));
                    rows[tableEvent.Key] = value;
                    break;
                default:
                    Assert.That(rows.Remove(tableEvent.Key));
                    break;
            }
        }

        return rows;
    }
}
