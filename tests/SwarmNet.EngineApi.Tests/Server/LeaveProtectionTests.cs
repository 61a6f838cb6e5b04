using SwarmNet.EngineApi.Swarm;
using SwarmNet.EngineApi.Tests.Support;

namespace SwarmNet.EngineApi.Tests.Server;

/// <summary>What a node says that is asked to leave without force, by the managers there are.</summary>
[TestFixture]
internal sealed class LeaveProtectionTests
{
    private const string Leaving = "You are attempting to leave the swarm on a node that is participating as a manager. ";

    private const string LostConsensus = "The only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`. "
        + "Use `--force` to suppress this message.";

    private const string Last = Leaving + "Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message. ";
    private const string Safe = Leaving + LostConsensus;

    [TestCase("L", Last)]
    [TestCase("Lww", Last)]
    [TestCase("Lr", "1 managers out of 2")]
    [TestCase("Lu", "0 managers out of 2")]
    [TestCase("Lrr", Safe)]
    [TestCase("Lrrw", Safe)]
    [TestCase("Lru", "1 managers out of 3")]
    [TestCase("Lrrr", Safe)]
    [TestCase("Lrru", "2 managers out of 4")]
    [TestCase("Lrrrr", Safe)]
    [TestCase("Lrrru", Safe)]
    [TestCase("Lrruu", "2 managers out of 5")]
    [TestCase("Lrruuuu", "2 managers out of 7")]
    [TestCase("uLr", Safe, TestName = "A manager that the others do not reach takes nothing away")]
    public async Task Of_the_first_manager(string managers, string expected)
    {
        var snapshot = Managers.Snapshot(managers);
        await using var engine = await TestEngine.StartManagerAsync(snapshot, self: snapshot.Nodes[0]);
        var text = expected.Contains("out of", StringComparison.Ordinal)
            ? $"{Leaving}Removing this node leaves {expected}. Without a Raft quorum your swarm will be inaccessible. {LostConsensus}"
            : expected;
        var (status, body, _) = await engine.SendAsync("POST", "/v1.47/swarm/leave");
        Assert.That((status, GoldenFile.Message(body)), Is.EqualTo((503, text)));
        Assert.That((await engine.SendAsync("POST", "/v1.47/swarm/leave?force=1")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Without_a_leader_it_is_the_recorded_one()
    {
        var golden = GoldenFile.Load("09-no-quorum-leave");
        var snapshot = Managers.Snapshot("rLr");
        await using var engine = await TestEngine.StartManagerAsync(snapshot, self: snapshot.Nodes[0], error: SwarmTexts.NoLeader);
        var (status, body, _) = await engine.SendAsync(golden.Method, golden.Path);
        Assert.That((status, body), Is.EqualTo((golden.Status, golden.CompactBody + "\n")));
    }

    [Test]
    public void Of_a_manager_that_does_not_run() => Assert.That(
        LeaveProtection.Refusal(LocalNodeState.Pending, true, null, "n1", false),
        Is.EqualTo($"{Leaving}Doing so may lose the consensus of your cluster. {LostConsensus}"));

    [Test]
    public void Of_a_locked_manager() => Assert.That(
        LeaveProtection.Refusal(LocalNodeState.Locked, true, null, "", false),
        Is.EqualTo("Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore this message."));

    [Test]
    public void Workers_go_as_they_like() => Assert.That(LeaveProtection.Refusal(LocalNodeState.Active, false, null, "n1", true), Is.Null);
}
