namespace SwarmNet.Gossip.Tests;

public class SwimSimulationTests
{
    [Test]
    public void All_find_all_with_lost_packets_and_nobody_is_wrongly_declared_dead([Values(2, 3, 10, 40)] int size)
    {
        SimulatedPool pool = NewPool(size);
        pool.Loss = 0.1;
        JoinAll(pool);
        pool.RunUntil(() => AllSee(pool, MemberState.Alive), TimeSpan.FromSeconds(60), "all see all");
        for (int second = 0; second < 60; second++)
        {
            pool.Run(TimeSpan.FromSeconds(1));
            Assert.That(pool.Nodes.SelectMany(node => node.Swim.Members).Select(member => member.State), Has.None.EqualTo(MemberState.Dead));
        }
    }

    [Test]
    public void A_stopped_member_is_found_dead_by_all_and_forgotten_later([Values(3, 10, 40)] int size)
    {
        SimulatedPool pool = NewPool(size);
        JoinAll(pool);
        pool.RunUntil(() => AllSee(pool, MemberState.Alive), TimeSpan.FromSeconds(60), "all see all");
        SimulatedPool.Node victim = pool.Nodes[^1];
        victim.Stopped = true;
        TimeSpan time = pool.RunUntil(
            () => pool.Running.All(node => node.StateOf(victim.Name) == MemberState.Dead), TimeSpan.FromSeconds(60), "all find it dead");
        Assert.That(time, Is.GreaterThan(TimeSpan.FromSeconds(3)), "there must be time to refute");
        pool.RunUntil(() => pool.Running.All(node => node.StateOf(victim.Name) is null), TimeSpan.FromMinutes(3), "all forget it");
    }

    [Test]
    public void A_member_that_leaves_is_left_not_dead()
    {
        // Up to four members, one round of gossip reaches all others: nobody has to find out by probing.
        SimulatedPool pool = NewPool(4);
        JoinAll(pool);
        pool.RunUntil(() => AllSee(pool, MemberState.Alive), TimeSpan.FromSeconds(60), "all see all");
        SimulatedPool.Node leaver = pool.Nodes[2];
        leaver.Swim.Leave(pool.Now);
        pool.RunUntil(() => leaver.Swim.HasLeft, TimeSpan.FromSeconds(2), "the goodbye is sent");
        leaver.Stopped = true;
        pool.RunUntil(() => pool.Running.All(node => node.StateOf(leaver.Name) == MemberState.Left), TimeSpan.FromSeconds(10), "all know that it left");
    }

    [Test]
    public void Two_halves_find_each_other_dead_and_unite_when_the_network_heals()
    {
        SimulatedPool pool = NewPool(6);
        JoinAll(pool);
        pool.RunUntil(() => AllSee(pool, MemberState.Alive), TimeSpan.FromSeconds(60), "all see all");
        pool.Nodes.Take(3).ToList().ForEach(node => pool.Side[node.Name] = 1);
        pool.RunUntil(
            () => pool.Nodes.All(node => pool.Nodes.Where(other => pool.Side.GetValueOrDefault(other.Name) != pool.Side.GetValueOrDefault(node.Name))
                .All(other => node.StateOf(other.Name) is MemberState.Dead or null)),
            TimeSpan.FromSeconds(90),
            "each half finds the other dead");
        pool.Side.Clear();
        pool.RunUntil(() => AllSee(pool, MemberState.Alive), TimeSpan.FromSeconds(90), "all are alive again");
    }

    [Test]
    public void One_way_accusations_are_refuted_by_a_higher_incarnation()
    {
        SimulatedPool pool = NewPool(3);
        JoinAll(pool);
        pool.RunUntil(() => AllSee(pool, MemberState.Alive), TimeSpan.FromSeconds(30), "all see all");
        // n0 hears that n2 is suspect, from a stranger.
        byte[] buffer = new byte[128];
        int length = Wire.MessageWriter.Accusation(buffer, Wire.MessageType.Suspect, 1, "n2", "stranger");
        pool.Nodes[0].Swim.HandlePacket(buffer.AsSpan(0, length), pool.Nodes[1].EndPoint, pool.Now);
        Assert.That(pool.Nodes[0].StateOf("n2"), Is.EqualTo(MemberState.Suspect));
        pool.RunUntil(() => AllSee(pool, MemberState.Alive), TimeSpan.FromSeconds(10), "it refutes");
        Assert.That(pool.Nodes[0].Swim.TryGetMember("n2", out Swim.MemberRecord? record) && record!.Incarnation == 2);
    }

    internal static SimulatedPool NewPool(int size)
    {
        int seed = TestSeed.Next();
        return new SimulatedPool(size, seed);
    }

    internal static void JoinAll(SimulatedPool pool) => pool.Nodes.Skip(1).ToList().ForEach(node => pool.Join(node, pool.Nodes[0]));

    internal static bool AllSee(SimulatedPool pool, MemberState state) =>
        pool.Running.All(node => pool.Running.All(other => node.StateOf(other.Name) == state));
}
