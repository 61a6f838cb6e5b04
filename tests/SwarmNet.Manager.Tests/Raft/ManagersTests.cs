using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Manager.Certificates;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Tests;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Raft;

/// <summary>Several managers of one swarm, over real TLS and real disks.</summary>
[TestFixture]
[CancelAfter(120_000)]
public sealed class ManagersTests
{
    [Test]
    public async Task All_managers_have_what_the_leader_acknowledged(CancellationToken cancellationToken)
    {
        await using var managers = await TestManagers.StartAsync(3);
        var service = await managers.Leader.Control.CreateServiceAsync(Specs.Replicated("web", 3), cancellationToken);
        foreach (var manager in managers.Running.Values)
        {
            await manager.ConfirmReadAsync(cancellationToken);
            Assert.That(manager.Store.View.Services.Get(service.Id), Is.Not.Null);
        }

        Assert.That(managers.Followers.Count(), Is.EqualTo(2));
        var refusal = await Assert.ThrowsAsync<ControlException>(
            () => managers.Followers.First().Control.CreateServiceAsync(Specs.Replicated("other", 1), cancellationToken));
        Assert.That(refusal!.Message, Does.StartWith("The swarm does not have a leader."));
    }

    [Test]
    public async Task A_follower_passes_calls_on_as_the_callers(CancellationToken cancellationToken)
    {
        await using var managers = await TestManagers.StartAsync(2);
        var follower = managers.Followers.Single();
        var address = follower.LocalEndPoint!.ToString();

        // Without a certificate, and with one.
        var certificate = await managers.EnterAsync(NodeRole.Worker, address);
        await Wait.Until(managers.Leader.Store, view => view.Nodes.Get(certificate.Identity.NodeId) is { Role: NodeRole.Worker }, "the worker is in the store");
        var renewed = await new CaClient(TimeProvider.System, new Random(1)).RenewAsync(certificate, [address], cancellationToken);
        Assert.That(renewed.Identity, Is.EqualTo(certificate.Identity), "not the manager's that passed it on");

        using var channel = SwarmTls.Channel(address, SwarmRoles.Manager, certificate.Root, certificate);
        await using var session = channel.ServerStreaming(
            SwarmKitMethods.Session, new SessionRequest { Description = new NodeDescription { Hostname = "w1" } }, default, cancellationToken);
        await foreach (var message in session.ReadAllAsync(cancellationToken))
        {
            Assert.That(message.Managers.Select(manager => manager.Peer.Addr), Is.EquivalentTo(managers.Running.Keys.Select(managers.Address)));
            break;
        }

        var node = managers.Leader.Store.View.Nodes.Get(certificate.Identity.NodeId)!;
        Assert.That((node.Status.State, node.Status.Addr), Is.EqualTo((NodeState.Ready, "127.0.0.1")), "the address is the caller's");
    }

    [Test]
    public async Task Only_managers_speak_for_others(CancellationToken cancellationToken)
    {
        await using var managers = await TestManagers.StartAsync(1);
        var address = managers.Address(1);
        var worker = await managers.EnterAsync(NodeRole.Worker, address);
        var manager = managers.Leader.Security.Certificate.Identity;
        using var channel = SwarmTls.Channel(address, SwarmRoles.Manager, worker.Root, worker);
        var options = new CallOptions(Metadata: [new(ForwardedCall.Header, $"{manager.ClusterId};{manager.Role};{manager.NodeId};192.0.2.1:1")]);
        var refusal = await Assert.ThrowsAsync<RpcException>(
            () => channel.UnaryAsync(SwarmKitMethods.RaftJoin, new RaftJoinRequest { Addr = address, RaftId = 7 }, options, cancellationToken));
        Assert.That((refusal!.Status.Code, refusal.Message), Is.EqualTo((StatusCode.PermissionDenied, "Permission denied: only managers of this swarm pass calls on")));
    }

    [Test]
    public async Task The_api_on_the_port_is_for_managers_and_is_not_passed_on_for_others(CancellationToken cancellationToken)
    {
        await using var managers = await TestManagers.StartAsync(2);
        var worker = await managers.EnterAsync(NodeRole.Worker, managers.Address(1));
        foreach (var manager in managers.Running.Values)
        {
            Assert.That(await GetApiAsync(manager, worker, cancellationToken), Is.EqualTo(System.Net.HttpStatusCode.Forbidden));
        }

        // A manager that does not lead does not say that all is well.
        var other = managers.Leader.Security.Certificate;
        Assert.That(await GetApiAsync(managers.Followers.Single(), other, cancellationToken), Is.EqualTo(System.Net.HttpStatusCode.ServiceUnavailable));
    }

    private static async Task<System.Net.HttpStatusCode> GetApiAsync(SwarmManager manager, NodeCertificate certificate, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = (_, token) => SwarmTls.ConnectAsync(manager.LocalEndPoint!.ToString(), SwarmRoles.Manager, certificate.Root, certificate, token),
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://swarm-manager{ManagerEndpoint.ApiPath}/services")
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await http.SendAsync(request, cancellationToken);
        return response.StatusCode;
    }

    [Test]
    public async Task When_the_leader_stops_another_leads_and_nothing_is_lost(CancellationToken cancellationToken)
    {
        await using var managers = await TestManagers.StartAsync(3);
        var before = await managers.Leader.Control.CreateServiceAsync(Specs.Replicated("before", 1), cancellationToken);
        await managers.StopAsync(1);
        await UntilAsync(() => managers.Running.Values.Any(manager => manager.IsLeader), "another one leads", cancellationToken);
        var after = await managers.Leader.Control.CreateServiceAsync(Specs.Replicated("after", 1), cancellationToken);

        var back = await managers.OpenAsync(1);
        await back.ConfirmReadAsync(cancellationToken);
        Assert.That(back.Store.View.Services.Get(before.Id), Is.Not.Null);
        Assert.That(back.Store.View.Services.Get(after.Id), Is.Not.Null);
        await Wait.Until(back.Store, view => view.Nodes.All.Single(node => node.ManagerStatus.Leader).Id == managers.Leader.NodeId, "the store shows who leads");
    }

    [Test]
    public async Task A_demoted_manager_leaves_raft_and_the_rest_goes_on(CancellationToken cancellationToken)
    {
        await using var managers = await TestManagers.StartAsync(3);
        var nodeId = managers.Running[3].NodeId;
        await SetRoleAsync(managers, nodeId, NodeRole.Worker, cancellationToken);
        await Wait.Until(managers.Leader.Store, view => view.Nodes.Get(nodeId) is { Role: NodeRole.Worker, ManagerStatus: null }, "the node is a worker");
        var security = managers.Running[3].Security;
        await managers.StopAsync(3);
        SwarmManager.Forget(managers.Folder(3), security);
        Assert.That(SwarmManager.Exists(managers.Folder(3)), Is.False);

        // Two are a majority of two, not of three.
        await managers.Leader.Control.CreateServiceAsync(Specs.Replicated("web", 1), cancellationToken);
    }

    [Test]
    public async Task A_manager_that_is_wanted_again_before_it_noticed_its_demotion_is_taken_in_again(CancellationToken cancellationToken)
    {
        await using var managers = await TestManagers.StartAsync(3);
        var third = managers.Followers.First();
        await SetRoleAsync(managers, third.NodeId, NodeRole.Worker, cancellationToken);
        await Wait.Until(managers.Leader.Store, view => view.Nodes.Get(third.NodeId) is { Role: NodeRole.Worker, ManagerStatus: null }, "the node is a worker");
        Assert.That(third.IsStruckOff(managers.Leader.Store.View.Nodes.Get(third.NodeId)!), Is.False, "it is to be none");
        await SetRoleAsync(managers, third.NodeId, NodeRole.Manager, cancellationToken);
        await Wait.Until(managers.Leader.Store, view => view.Nodes.Get(third.NodeId) is { Role: NodeRole.Manager }, "the node is to be a manager");
        Assert.That(third.IsStruckOff(managers.Leader.Store.View.Nodes.Get(third.NodeId)!), Is.True);

        await third.JoinAgainAsync([], cancellationToken);
        await Wait.Until(
            managers.Leader.Store, view => view.Nodes.Get(third.NodeId) is { ManagerStatus.Reachability: Reachability.Reachable } node && !third.IsStruckOff(node), "it is one of them");
        var service = await managers.Leader.Control.CreateServiceAsync(Specs.Replicated("web", 1), cancellationToken);
        await Wait.Until(third.Store, view => view.Services.Get(service.Id) is not null, "it has what came after");
    }

    [Test]
    public async Task A_leader_can_be_demoted(CancellationToken cancellationToken)
    {
        await using var managers = await TestManagers.StartAsync(3);
        var nodeId = managers.Leader.NodeId;
        await SetRoleAsync(managers, nodeId, NodeRole.Worker, cancellationToken);
        await UntilAsync(
            () => managers.Running.Values.Any(manager => manager.IsLeader && manager.Store.View.Nodes.Get(nodeId) is { Role: NodeRole.Worker, ManagerStatus: null }),
            "another leads, and the old one is a worker",
            cancellationToken);
    }

    [Test]
    public async Task A_survivor_makes_a_new_cluster_of_itself(CancellationToken cancellationToken)
    {
        await using var managers = await TestManagers.StartAsync(3);
        var service = await managers.Leader.Control.CreateServiceAsync(Specs.Replicated("web", 1), cancellationToken);
        var survivor = managers.Running[3];
        await survivor.ConfirmReadAsync(cancellationToken);
        await managers.StopAsync(1);
        await managers.StopAsync(2);
        var refusal = await Assert.ThrowsAsync<ControlException>(() => survivor.ConfirmReadAsync(cancellationToken));
        Assert.That(refusal!.Message, Does.Contain("cannot reach 2 of the 3").And.Contain(managers.Address(1)).And.Contain("--force-new-cluster"));

        await managers.StopAsync(3);
        survivor = await managers.OpenAsync(3, forceNewCluster: true);
        Assert.That(survivor.Store.View.Services.Get(service.Id), Is.Not.Null);
        Assert.That(
            survivor.Store.View.Nodes.All.Select(node => (node.Id == survivor.NodeId, node.Role, node.ManagerStatus is not null)),
            Is.EquivalentTo(new[] { (true, NodeRole.Manager, true), (false, NodeRole.Worker, false), (false, NodeRole.Worker, false) }));
        await survivor.Control.CreateServiceAsync(Specs.Replicated("more", 1), cancellationToken);

        // One of the old ones comes back: it is no member any more, and its node is a worker.
        var old = await managers.OpenAsync(1);
        await Assert.ThrowsAsync<ControlException>(() => old.ConfirmReadAsync(cancellationToken));
        var renewed = await new CaClient(TimeProvider.System, new Random(1)).RenewAsync(old.Security.Certificate, [managers.Address(3)], cancellationToken);
        Assert.That(renewed.Identity.NodeRole, Is.EqualTo(NodeRole.Worker));
    }

    [Test]
    public async Task A_manager_that_moved_is_found_again(CancellationToken cancellationToken)
    {
        await using var managers = await TestManagers.StartAsync(3);
        await managers.StopAsync(2);
        var moved = await managers.OpenAsync(2, address: 9);
        await moved.JoinAsync([], cancellationToken);
        Assert.That(managers.Leader.Store.View.Nodes.Get(moved.NodeId)!.ManagerStatus.Addr, Is.EqualTo(managers.Address(9)));

        // Its vote counts: without the other follower it is needed.
        await managers.StopAsync(3);
        await managers.Leader.Control.CreateServiceAsync(Specs.Replicated("web", 1), cancellationToken);
    }

    [Test]
    public async Task A_manager_whose_log_is_gone_or_damaged_comes_back_as_another_member([Values] bool isDamaged, CancellationToken cancellationToken)
    {
        await using var managers = await TestManagers.StartAsync(3);
        var service = await managers.Leader.Control.CreateServiceAsync(Specs.Replicated("web", 1), cancellationToken);
        var before = managers.Leader.Store.View.Nodes.Get(managers.Running[3].NodeId)!.ManagerStatus.RaftId;
        await managers.StopAsync(3);
        var log = Path.Combine(managers.Folder(3), "raft");
        if (isDamaged)
        {
            // In the middle: what comes after it was acknowledged.
            var file = Directory.GetFiles(Path.Combine(log, "log")).Order().First();
            var bytes = await File.ReadAllBytesAsync(file, cancellationToken);
            bytes[200] ^= 1;
            await File.WriteAllBytesAsync(file, bytes, cancellationToken);
        }
        else
        {
            Directory.Delete(log, recursive: true);
        }

        var back = await managers.OpenAsync(3);
        await JoinPatientlyAsync(back, cancellationToken);
        await back.ConfirmReadAsync(cancellationToken);
        Assert.That(back.Store.View.Services.Get(service.Id), Is.Not.Null);
        Assert.That(back.Store.View.Nodes.Get(back.NodeId)!.ManagerStatus.RaftId, Is.Not.EqualTo(before));
        Assert.That(Directory.GetDirectories(managers.Folder(3), "raft.damaged-*"), Has.Length.EqualTo(isDamaged ? 1 : 0), "what was damaged is kept");
        await managers.StopAsync(2);
        await managers.Leader.Control.CreateServiceAsync(Specs.Replicated("more", 1), cancellationToken);
    }

    [Test]
    public async Task A_newcomer_that_cannot_be_reached_is_refused_with_its_address(CancellationToken cancellationToken)
    {
        await using var managers = await TestManagers.StartAsync(1);
        var nowhere = managers.Address(99);
        var refusal = await Assert.ThrowsAsync<RpcException>(() => managers.JoinAsync(2, advertise: nowhere));
        Assert.That(refusal!.Message, Does.StartWith($"could not connect to prospective new cluster member using its advertised address: {nowhere}"));
        Assert.That(managers.Leader.Store.View.Nodes.All.Count(node => node.ManagerStatus is not null), Is.EqualTo(1));
    }

    private static async Task SetRoleAsync(TestManagers managers, string nodeId, NodeRole role, CancellationToken cancellationToken)
    {
        while (true)
        {
            var node = managers.Leader.Store.View.Nodes.Get(nodeId)!;
            var spec = node.Spec.Clone();
            spec.DesiredRole = role;
            try
            {
                await managers.Leader.Control.UpdateNodeAsync(nodeId, node.Meta.Version.Index, spec, cancellationToken);
                return;
            }
            catch (ControlException stale) when (stale.Message.Contains("out of sequence", StringComparison.Ordinal))
            {
                // The leader noted meanwhile who answers.
            }
        }
    }

    // Until the others have missed the old one they take the new one for a second manager in the node's name.
    private static async Task JoinPatientlyAsync(SwarmManager manager, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await manager.JoinAsync([], cancellationToken);
                return;
            }
            catch (RpcException refusal) when (refusal.Message.Contains("has a manager", StringComparison.Ordinal))
            {
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    private static async Task UntilAsync(Func<bool> condition, string what, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            await Task.Delay(20, cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
            Assert.That(cancellationToken.IsCancellationRequested, Is.False, $"Not in time: {what}.");
        }
    }
}
