using System.Text.Json;
using SwarmNet.EngineApi.Events;
using SwarmNet.EngineApi.Swarm;
using SwarmNet.EngineApi.Tests.Support;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Tests.Server;

/// <summary>Swarms of several managers as the API shows them.</summary>
[TestFixture]
internal sealed class ManagersTests
{
    private const string NoLeaderError = "rpc error: code = Unknown desc = " + SwarmTexts.NoLeader;

    [Test]
    public async Task Info_with_three_managers_is_the_recorded_one()
    {
        var golden = GoldenFile.Load("09-info-three-managers").Body.GetProperty("Swarm");
        var snapshot = Recorded(golden);
        await using var engine = await TestEngine.StartManagerAsync(snapshot, self: snapshot.Nodes.Single(node => node.Description.Hostname == "node2"));
        Assert.That(await SwarmOfAsync(engine), Is.EqualTo(GoldenFile.Compact(golden)));
    }

    [Test]
    public async Task Info_without_a_leader_is_the_recorded_one()
    {
        var golden = GoldenFile.Load("09-no-quorum-info").Body.GetProperty("Swarm");
        Assert.That(golden.GetProperty("Error").GetString(), Is.EqualTo(NoLeaderError));
        var snapshot = Recorded(GoldenFile.Load("09-info-three-managers").Body.GetProperty("Swarm"));
        await using var engine = await TestEngine.StartManagerAsync(
            snapshot, self: snapshot.Nodes.Single(node => node.Description.Hostname == "node2"), error: NoLeaderError);
        Assert.That(await SwarmOfAsync(engine), Is.EqualTo(GoldenFile.Compact(golden)));
    }

    [TestCase("L", 1, 1)]
    [TestCase("Lr", 2, 2)]
    [TestCase("Luww", 4, 2)]
    [TestCase("Lrr", 3, 3)]
    [TestCase("Lrruuw", 6, 5)]
    public async Task Info_counts_managers_and_warns_of_two(string managers, int nodes, int expected)
    {
        var snapshot = Managers.Snapshot(managers);
        await using var engine = await TestEngine.StartManagerAsync(snapshot, self: snapshot.Nodes[0]);
        var info = JsonDocument.Parse((await engine.SendAsync("GET", "/v1.47/info")).Body).RootElement;
        var swarm = info.GetProperty("Swarm");
        Assert.That((swarm.GetProperty("Nodes").GetInt32(), swarm.GetProperty("Managers").GetInt32()), Is.EqualTo((nodes, expected)));
        Assert.That(swarm.GetProperty("RemoteManagers").GetArrayLength(), Is.EqualTo(expected));
        Assert.That(swarm.TryGetProperty("Warnings", out var warnings), Is.EqualTo(expected == 2));
        Assert.That(info.GetProperty("Warnings").ValueKind, Is.EqualTo(expected == 2 ? JsonValueKind.Array : JsonValueKind.Null));
        if (expected == 2)
        {
            Assert.That(warnings[0].GetString(), Is.EqualTo(SwarmTexts.TwoManagers).And.EqualTo(info.GetProperty("Warnings")[0].GetString()));
        }
    }

    [Test]
    public void A_change_of_leadership_is_told()
    {
        var before = Managers.Snapshot("Lru").Nodes[0];
        var after = Managers.Snapshot("uLr").Nodes[0];
        var told = SwarmEvents.Of(new StoreEvent(StoreEventKind.Updated, before, after), DateTimeOffset.UnixEpoch)!;
        Assert.That(told.Attributes, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["name"] = "node1",
            ["leader.old"] = "true",
            ["leader.new"] = "false",
            ["reachability.old"] = "reachable",
            ["reachability.new"] = "unreachable",
        }));
    }

    [Test]
    public void A_change_of_role_is_told_and_the_end_of_a_manager_is_no_change_of_leadership()
    {
        var before = Managers.Snapshot("Lr").Nodes[1];
        var after = Managers.Snapshot("Lw").Nodes[1];
        var told = SwarmEvents.Of(new StoreEvent(StoreEventKind.Updated, before, after), DateTimeOffset.UnixEpoch)!;
        Assert.That(told.Attributes, Is.EquivalentTo(new Dictionary<string, string> { ["name"] = "node2", ["role.old"] = "manager", ["role.new"] = "worker" }));
    }

    [Test]
    [Category("Peers")]
    public async Task The_stock_client_lists_promotes_and_demotes()
    {
        Assume.That(DockerCommand.IsThere, "needs the docker command");
        var snapshot = Managers.Snapshot("rLuw");
        await using var engine = await TestEngine.StartManagerAsync(snapshot, self: snapshot.Nodes[0]);
        var list = (await DockerAsync(engine, "node", "ls", "--format", "{{.Hostname}} {{.Self}} {{.ManagerStatus}}")).Split('\n');
        Assert.That(list, Is.EqualTo(new[] { "node1 true Reachable", "node2 false Leader", "node3 false Unreachable", "node4 false", "" }).Using<string, string>((a, b) => a.TrimEnd() == b));

        var pretty = await DockerAsync(engine, "node", "inspect", "--pretty", "node3");
        Assert.That(pretty, Does.Contain("Manager Status:\n Address:\t\t10.200.0.3:2377\n Raft Status:\t\tUnreachable\n Leader:\t\tNo\n"));
        Assert.That(await DockerAsync(engine, "node", "inspect", "--pretty", "node2"), Does.Contain(" Raft Status:\t\tReachable\n Leader:\t\tYes\n"));
        Assert.That(await DockerAsync(engine, "node", "inspect", "--pretty", "node4"), Does.Not.Contain("Manager Status"));

        Assert.That(await DockerAsync(engine, "node", "promote", "node4", "node1"), Is.EqualTo(
            $"Node node4 promoted to a manager in the swarm.\nNode {snapshot.Nodes[0].Id} is already a manager.\n"));
        Assert.That(engine.Store.View.Nodes.Get(snapshot.Nodes[3].Id)!.Spec.DesiredRole, Is.EqualTo(NodeRole.Manager));
        Assert.That(await DockerAsync(engine, "node", "demote", "node3"), Is.EqualTo("Manager node3 demoted in the swarm.\n"));
        Assert.That(engine.Store.View.Nodes.Get(snapshot.Nodes[2].Id)!.Spec.DesiredRole, Is.EqualTo(NodeRole.Worker));

        // The address to join at is that of the manager asked, follower or not.
        Assert.That(await DockerAsync(engine, "swarm", "join-token", "manager"), Does.Match(
            "^To add a manager to this swarm, run the following command:\n\n    docker swarm join --token SWMTKN-1-[0-9a-z-]+ 10.200.0.1:2377\n\n$"));
    }

    [Test]
    [Category("Peers")]
    public async Task The_stock_client_is_warned_of_two_managers()
    {
        Assume.That(DockerCommand.IsThere, "needs the docker command");
        var snapshot = Managers.Snapshot("Lr");
        await using var engine = await TestEngine.StartManagerAsync(snapshot, self: snapshot.Nodes[0]);
        var info = await DockerAsync(engine, "info");
        Assert.That(info, Does.Contain("  Managers: 2\n  Nodes: 2\n").And.Contain("  Manager Addresses:\n   10.200.0.1:2377\n   10.200.0.2:2377\n"));
        Assert.That(info, Does.Contain(SwarmTexts.TwoManagers));
    }

    [Test]
    [Category("Peers")]
    public async Task The_stock_client_shows_why_there_is_no_state()
    {
        Assume.That(DockerCommand.IsThere, "needs the docker command");
        var snapshot = Managers.Snapshot("Luu");
        await using var engine = await TestEngine.StartManagerAsync(snapshot, self: snapshot.Nodes[0], error: NoLeaderError);
        Assert.That(await DockerAsync(engine, "info"), Does.Contain($"  Error: {NoLeaderError}\n  Is Manager: true\n  Node Address: 10.200.0.1\n"));
    }

    /// <summary>The recorded swarm of three managers.</summary>
    private static StoreSnapshot Recorded(JsonElement swarm)
    {
        var snapshot = new StoreSnapshot { VersionIndex = 30 };
        snapshot.Nodes.Add(GoldenFile.Load("09-nodes-three-managers").Body.EnumerateArray().Select(GoldenObjects.Node));
        snapshot.Clusters.Add(GoldenObjects.Cluster(swarm.GetProperty("Cluster")));
        return snapshot;
    }

    private static async Task<string> SwarmOfAsync(TestEngine engine)
    {
        var info = JsonDocument.Parse((await engine.SendAsync("GET", "/v1.41/info")).Body).RootElement;
        return GoldenFile.Compact(info.GetProperty("Swarm"));
    }

    private static Task<string> DockerAsync(TestEngine engine, params string[] arguments) => DockerCommand.RunAsync(engine, null, arguments);
}
