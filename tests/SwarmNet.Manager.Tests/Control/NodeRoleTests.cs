using SwarmNet.Protocol;
using static SwarmNet.Manager.Tests.Control.ControlFixture;

namespace SwarmNet.Manager.Tests.Control;

/// <summary>Promoting, demoting and removing managers: Docker's checks and sentences, by the members of Raft that the store shows.</summary>
[TestFixture]
internal sealed class NodeRoleTests
{
    private const string LastManager = "rpc error: code = FailedPrecondition desc = attempting to demote the last manager of the swarm";
    private const string NoMember = "rpc error: code = NotFound desc = can't find manager in raft memberlist";

    private const string LossOfQuorum =
        "rpc error: code = FailedPrecondition desc = can't remove member from the raft: this would result in a loss of quorum";

    private ControlFixture _fixture = null!;

    [SetUp]
    public Task SetUp()
    {
        _fixture = new ControlFixture();
        return _fixture.CreateBasics();
    }

    [TearDown]
    public ValueTask TearDown() => _fixture.DisposeAsync();

    // L leads, r is reachable, u is not, ? is not known to be; the first letter stands for m1, and so on.
    [TestCase("L", "m1", LastManager)]
    [TestCase("Lr", "m1", null, TestName = "The leader of two demotes itself: the other one is a majority of one")]
    [TestCase("Lr", "m2", null)]
    [TestCase("Lu", "m1", LossOfQuorum)]
    [TestCase("Lu", "m2", null)]
    [TestCase("L?", "m1", LossOfQuorum)]
    [TestCase("Lrr", "m1", null)]
    [TestCase("Lrr", "m2", null)]
    [TestCase("Lru", "m1", LossOfQuorum)]
    [TestCase("Lru", "m2", LossOfQuorum)]
    [TestCase("Lru", "m3", null, TestName = "The dead one of three")]
    [TestCase("Lrru", "m2", null)]
    [TestCase("Lrru", "m4", null)]
    [TestCase("Lrrru", "m2", null)]
    [TestCase("Lrruu", "m2", LossOfQuorum)]
    [TestCase("Lrruu", "m5", null)]
    public async Task Demoting_keeps_a_quorum(string managers, string demoted, string? refusal)
    {
        await _fixture.Create([.. managers.Select((state, i) => Manager($"m{i + 1}", state))]);
        Func<Task> demote = () => SetRoleAsync(demoted, NodeRole.Worker);
        if (refusal is not null)
        {
            Assert.That(await RefusalOf(demote), Is.EqualTo(refusal));
            return;
        }

        await demote();
        Assert.That(_fixture.View.Nodes.Get(demoted)!.Spec.DesiredRole, Is.EqualTo(NodeRole.Worker));
    }

    [Test]
    public async Task A_worker_is_promoted_and_until_it_has_joined_it_cannot_be_demoted()
    {
        await _fixture.Create(Manager("m1", 'L'), Specs.ReadyNode("n1"));
        await SetRoleAsync("n1", NodeRole.Manager);
        Assert.That(_fixture.View.Nodes.Get("n1")!.Spec.DesiredRole, Is.EqualTo(NodeRole.Manager));
        Assert.That(await RefusalOf(() => SetRoleAsync("n1", NodeRole.Worker)), Is.EqualTo(NoMember));
        Assert.That(await RefusalOf(() => SetRoleAsync("m1", NodeRole.Worker)), Is.EqualTo(LastManager), "n1 does not lead anything yet");
        await _fixture.Control.RemoveNodeAsync("n1", true, default);
    }

    [Test]
    public async Task Managers_that_are_being_demoted_do_not_stay_behind_as_the_last_ones()
    {
        await _fixture.Create(Manager("m1", 'L'), Manager("m2", 'r'), Manager("m3", 'r'));
        await SetRoleAsync("m2", NodeRole.Worker);
        await SetRoleAsync("m3", NodeRole.Worker);
        Assert.That(await RefusalOf(() => SetRoleAsync("m1", NodeRole.Worker)), Is.EqualTo(LastManager));
    }

    [Test]
    public async Task A_member_of_Raft_is_not_removed_even_while_it_is_being_demoted()
    {
        await _fixture.Create(Manager("m1", 'L'), Manager("m2", 'u'));
        const string Text = "rpc error: code = FailedPrecondition desc = node m2 is a cluster manager and is a member of the raft cluster. "
            + "It must be demoted to worker before removal";
        Assert.That(await RefusalOf(() => _fixture.Control.RemoveNodeAsync("m2", true, default)), Is.EqualTo(Text));
        await SetRoleAsync("m2", NodeRole.Worker);
        Assert.That(await RefusalOf(() => _fixture.Control.RemoveNodeAsync("m2", true, default)), Is.EqualTo(Text));
    }

    [Test]
    public async Task Availability_of_the_last_manager_may_change()
    {
        await _fixture.Create(Manager("m1", 'L'));
        var node = _fixture.View.Nodes.Get("m1")!;
        var spec = node.Spec.Clone();
        spec.Availability = NodeAvailability.Drain;
        Assert.That((await _fixture.Control.UpdateNodeAsync("m1", node.Meta.Version.Index, spec, default)).Spec.Availability, Is.EqualTo(NodeAvailability.Drain));
    }

    private Task<Node> SetRoleAsync(string id, NodeRole role)
    {
        var node = _fixture.View.Nodes.Get(id)!;
        var spec = node.Spec.Clone();
        spec.DesiredRole = role;
        return _fixture.Control.UpdateNodeAsync(id, node.Meta.Version.Index, spec, default);
    }

    private static Node Manager(string id, char state)
    {
        var node = Specs.ReadyNode(id);
        node.Spec.DesiredRole = NodeRole.Manager;
        node.ManagerStatus = new ManagerStatus
        {
            RaftId = (ulong)id[1],
            Leader = state == 'L',
            Reachability = state switch { 'u' => Reachability.Unreachable, '?' => Reachability.Unknown, _ => Reachability.Reachable },
        };
        return node;
    }
}
