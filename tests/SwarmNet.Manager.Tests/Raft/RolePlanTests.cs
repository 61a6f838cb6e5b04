using SwarmNet.Manager.Store;
using SwarmNet.Manager.Tests.Store;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Manager.Raft;

/// <summary>What the leader does next about members and roles (SwarmKit <c>role_manager</c>).</summary>
[TestFixture]
public sealed class RolePlanTests
{
    private const ulong Self = 1;

    [Test]
    public async Task A_newcomer_listens_first_and_votes_when_it_has_caught_up()
    {
        await using var fixture = await Fixture(Manager(1), Manager(2));
        var members = new RaftMembership([1]);
        var plan = Plan(fixture, members, [Peer(1, 500)]);
        Assert.That(plan.Changes, Is.EqualTo(new[] { new MembershipChange(MembershipChangeType.AddLearner, 2) }));

        members = new RaftMembership([1], [2]);
        Assert.That(Plan(fixture, members, [Peer(1, 500), Peer(2, 100, isLearner: true)]).Changes, Is.Empty, "it lacks 400 entries");
        Assert.That(Plan(fixture, members, [Peer(1, 500), Peer(2, 499, isLearner: true) with { IsReceivingSnapshot = true }]).Changes, Is.Empty);
        Assert.That(Plan(fixture, members, [Peer(1, 500), Peer(2, 499, isLearner: true) with { IsActive = false }]).Changes, Is.Empty);
        Assert.That(
            Plan(fixture, members, [Peer(1, 500), Peer(2, 499, isLearner: true)]).Changes,
            Is.EqualTo(new[] { new MembershipChange(MembershipChangeType.AddVoter, 2) }));
    }

    [Test]
    public async Task A_promoted_node_gets_its_role_before_its_manager_exists()
    {
        var promoted = Node(2, NodeRole.Manager, NodeRole.Worker, isMember: false);
        await using var fixture = await Fixture(Manager(1), promoted);
        var plan = Plan(fixture, new RaftMembership([1]), [Peer(1, 10)]);
        Assert.That(plan.Changes, Is.Empty);
        Assert.That(plan.Nodes.Single(node => node.Id == "node2").Role, Is.EqualTo(NodeRole.Manager));
    }

    [Test]
    public async Task A_demoted_manager_leaves_raft_first_and_is_a_worker_then()
    {
        await using var fixture = await Fixture(Manager(1), Manager(2), Node(3, NodeRole.Worker, NodeRole.Manager));
        var plan = Plan(fixture, new RaftMembership([1, 2, 3]), [Peer(1, 10), Peer(2, 10), Peer(3, 10)]);
        Assert.That(plan.Changes, Is.EqualTo(new[] { new MembershipChange(MembershipChangeType.Remove, 3) }));
        Assert.That(plan.Nodes.Any(node => node.Id == "node3" && node.Role == NodeRole.Worker), Is.False);

        plan = Plan(fixture, new RaftMembership([1, 2]), [Peer(1, 10), Peer(2, 10)]);
        var worker = plan.Nodes.Single(node => node.Id == "node3");
        Assert.That((worker.Role, worker.ManagerStatus), Is.EqualTo((NodeRole.Worker, (ManagerStatus?)null)));
    }

    [Test]
    public async Task A_leader_that_is_demoted_hands_over_to_the_member_that_has_most()
    {
        await using var fixture = await Fixture(Node(1, NodeRole.Worker, NodeRole.Manager), Manager(2), Manager(3));
        var plan = Plan(fixture, new RaftMembership([1, 2, 3]), [Peer(1, 10), Peer(2, 8), Peer(3, 9)]);
        Assert.That((plan.Changes.Count, plan.TransferTo), Is.EqualTo((0, 3ul)));
    }

    [Test]
    public async Task Nobody_is_removed_when_the_rest_could_not_agree()
    {
        await using var fixture = await Fixture(Manager(1), Manager(2), Node(3, NodeRole.Worker, NodeRole.Manager));
        Assert.That(Plan(fixture, new RaftMembership([1, 2, 3]), [Peer(1, 10), Peer(2, 10), Peer(3, 10)], unreachable: [2]).Changes, Is.Empty);
    }

    [Test]
    public async Task Several_that_leave_go_one_by_one()
    {
        await using var fixture = await Fixture(
            Manager(1), Manager(2), Manager(3), Node(4, NodeRole.Worker, NodeRole.Manager), Node(5, NodeRole.Worker, NodeRole.Manager));
        var plan = Plan(fixture, new RaftMembership([1, 2, 3, 4, 5]), [.. Enumerable.Range(1, 5).Select(id => Peer((ulong)id, 10))]);
        Assert.That(plan.Changes, Is.EqualTo(new[] { new MembershipChange(MembershipChangeType.Remove, 4) }));
    }

    [Test]
    public async Task A_member_that_came_back_under_another_id_takes_the_place_of_the_old_one()
    {
        await using var fixture = await Fixture(Manager(1), Manager(2), Manager(4));
        var plan = Plan(fixture, new RaftMembership([1, 2, 3]), [Peer(1, 10), Peer(2, 10), Peer(3, 10)], unreachable: [3, 4]);
        Assert.That(plan.Changes, Is.EqualTo(new[]
        {
            new MembershipChange(MembershipChangeType.AddLearner, 4), new MembershipChange(MembershipChangeType.Remove, 3),
        }));
    }

    [Test]
    public async Task The_store_shows_who_leads_and_who_answers()
    {
        await using var fixture = await Fixture(Manager(1), Manager(2), Manager(3));
        var plan = Plan(fixture, new RaftMembership([1, 2, 3]), [Peer(1, 10), Peer(2, 10), Peer(3, 10)], unreachable: [3]);
        Assert.That(
            plan.Nodes.ToDictionary(node => node.Id, node => (node.ManagerStatus.Leader, node.ManagerStatus.Reachability)),
            Is.EquivalentTo(new Dictionary<string, (bool, Reachability)>
            {
                ["node1"] = (true, Reachability.Reachable),
                ["node2"] = (false, Reachability.Reachable),
                ["node3"] = (false, Reachability.Unreachable),
            }));

        await fixture.Store.UpdateAsync(
            transaction =>
            {
                foreach (var node in plan.Nodes)
                {
                    transaction.Update(node);
                }
            },
            default);
        Assert.That(Plan(fixture, new RaftMembership([1, 2, 3]), [Peer(1, 10), Peer(2, 10), Peer(3, 10)], unreachable: [3]).Nodes, Is.Empty, "nothing is left to do");
    }

    private static RolePlan Plan(StoreFixture fixture, RaftMembership membership, RaftPeerProgress[] progress, params ulong[] unreachable) =>
        RolePlan.Next(fixture.View, membership, progress, Self, id => !unreachable.Contains(id));

    private static async Task<StoreFixture> Fixture(params Node[] nodes)
    {
        var fixture = new StoreFixture();
        await fixture.Create([.. nodes]);
        return fixture;
    }

    private static RaftPeerProgress Peer(ulong id, ulong match, bool isLearner = false) => new(id, match, match + 1, IsActive: true, isLearner, IsReceivingSnapshot: false);

    private static Node Manager(ulong id) => Node(id, NodeRole.Manager, NodeRole.Manager);

    private static Node Node(ulong id, NodeRole desired, NodeRole role, bool isMember = true) => new()
    {
        Id = $"node{id}",
        Role = role,
        Spec = new NodeSpec { DesiredRole = desired },
        ManagerStatus = isMember ? new ManagerStatus { RaftId = id, Addr = $"192.0.2.{id}:2377" } : null,
    };
}
