using System.Diagnostics;
using System.Net;
using SwarmNet.Manager.Control;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests;

[TestFixture]
public sealed class SwarmManagerTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TempFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public async Task A_new_swarm_has_its_first_objects()
    {
        await using var manager = await SwarmManager.BootstrapAsync(Options(), default);
        await Wait.Until(manager.Store, view => view.Nodes.Get(manager.NodeId)!.Attachments.Count == 1, "the node has its ingress address");

        var view = manager.Store.View;
        var cluster = view.Cluster!;
        Assert.That(cluster.Id, Is.EqualTo(manager.ClusterId));
        Assert.That(cluster.Spec.Orchestration.TaskHistoryRetentionLimit, Is.EqualTo(5));
        Assert.That(cluster.Spec.Dispatcher.HeartbeatPeriod.ToTimeSpan(), Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(cluster.Spec.CaConfig.NodeCertExpiry.ToTimeSpan(), Is.EqualTo(TimeSpan.FromHours(2160)));
        Assert.That(cluster.DefaultAddressPool, Is.EqualTo(new[] { "10.0.0.0/8" }));
        Assert.That((cluster.SubnetSize, cluster.VxlanUdpPort), Is.EqualTo((24u, 4789u)));
        Assert.That(cluster.RootCa.JoinTokens.Worker, Does.StartWith("SWMTKN-1-").And.Not.EqualTo(cluster.RootCa.JoinTokens.Manager));
        Assert.That(cluster.NetworkBootstrapKeys.GroupBy(key => key.Subsystem).Select(group => group.Count()), Is.EqualTo(new[] { 3, 3 }));
        Assert.That(cluster.NetworkBootstrapKeys.Select(key => key.LamportTime).Distinct().Count(), Is.EqualTo(6));

        var ingress = view.Networks.FindByName("ingress")!;
        Assert.That(ingress.Ipam.Configs[0].Subnet, Is.EqualTo("10.0.0.0/24"));
        Assert.That(ingress.Ipam.Configs[0].Gateway, Is.EqualTo("10.0.0.1"));
        Assert.That(ingress.DriverState.Options["com.docker.network.driver.overlay.vxlanid_list"], Is.EqualTo("4096"));
        Assert.That(view.Networks.FindByName("bridge")!.DriverState, Is.Null);
        Assert.That(view.Networks.FindByName("host"), Is.Not.Null);

        var node = view.Nodes.Get(manager.NodeId)!;
        Assert.That(node.Role, Is.EqualTo(NodeRole.Manager));
        Assert.That(node.ManagerStatus, Is.EqualTo(new ManagerStatus
        {
            RaftId = node.ManagerStatus.RaftId,
            Addr = "127.0.0.1:2377",
            Leader = true,
            Reachability = Reachability.Reachable,
        }));
        Assert.That(node.Certificate.Status.State, Is.EqualTo(IssuanceStatus.Types.State.IssuanceIssued));
        Assert.That(node.Attachments[0].Addresses.Single(), Is.EqualTo("10.0.0.2/24"));
        Assert.That(manager.Security.Certificate.Identity.NodeId, Is.EqualTo(manager.NodeId));
        Assert.That(manager.IsLeader, Is.True);
    }

    [Test]
    public async Task Twenty_replicas_are_assigned_quickly_and_spread()
    {
        await using var manager = await SwarmManager.BootstrapAsync(Options(), default);
        await AddReadyNodes(manager, "n1", "n2");
        var network = await manager.Control.CreateNetworkAsync(
            new NetworkSpec { Annotations = new Annotations { Name = "demo" }, DriverConfig = new Driver { Name = "overlay" } }, default);

        var clock = Stopwatch.StartNew();
        var service = await manager.Control.CreateServiceAsync(Specs.Replicated("web", 20, network.Id), default);
        await Wait.Until(
            manager.Store,
            view => view.TasksOfService(service.Id).Count(task => task.Status.State == TaskState.Assigned) == 20,
            "all tasks are assigned");
        TestContext.Out.WriteLine($"20 replicas assigned after {clock.ElapsedMilliseconds} ms");

        var tasks = manager.Store.View.TasksOfService(service.Id);
        Assert.That(tasks.Count(task => task.NodeId == "n1"), Is.EqualTo(10));
        Assert.That(tasks.Select(task => task.Slot).Order(), Is.EqualTo(Enumerable.Range(1, 20)));
        Assert.That(tasks.SelectMany(task => task.Networks).SelectMany(a => a.Addresses).Distinct().Count(), Is.EqualTo(20));
        Assert.That(manager.Store.View.Services.Get(service.Id)!.Endpoint.VirtualIps.Single().Addr, Is.EqualTo("10.0.1.2/24"));
        await Wait.Until(manager.Store, view => view.Nodes.Get("n1")!.Attachments.Count == 2, "the nodes have addresses on the network");
    }

    [Test]
    public async Task Reopening_finds_everything_and_goes_on()
    {
        string nodeId, clusterId, serviceId;
        await using (var manager = await SwarmManager.BootstrapAsync(Options(), default))
        {
            (nodeId, clusterId) = (manager.NodeId, manager.ClusterId);
            serviceId = (await manager.Control.CreateServiceAsync(Specs.Replicated("web", 3), default)).Id;
            await Wait.Until(manager.Store, view => view.TasksOfService(serviceId).Count == 3, "three tasks are there");
        }

        Assert.That(SwarmManager.Exists(_folder.Path), Is.True);
        await using var reopened = await SwarmManager.OpenAsync(Options(), default);
        Assert.That((reopened.NodeId, reopened.ClusterId), Is.EqualTo((nodeId, clusterId)));
        Assert.That(reopened.Security.Certificate.Identity.ClusterId, Is.EqualTo(clusterId));
        Assert.That(reopened.Store.View.Services.Get(serviceId)!.Spec.Annotations.Name, Is.EqualTo("web"));

        var service = reopened.Store.View.Services.Get(serviceId)!;
        await reopened.Control.UpdateServiceAsync(serviceId, service.Meta.Version.Index, Specs.Replicated("web", 5), RollbackMode.None, default);
        await Wait.Until(reopened.Store, view => view.TasksOfService(serviceId).Count == 5, "it has scaled up");
        await Assert.ThrowsAsync<InvalidOperationException>(() => SwarmManager.BootstrapAsync(Options(), default));
    }

    [Test]
    public async Task A_manager_whose_certificate_files_are_gone_makes_new_ones()
    {
        await using (await SwarmManager.BootstrapAsync(Options(), default))
        {
        }

        Directory.Delete(Path.Combine(_folder.Path, "certificates"), recursive: true);
        await using var reopened = await SwarmManager.OpenAsync(Options(), default);
        Assert.That(reopened.Security.Certificate.Identity.NodeId, Is.EqualTo(reopened.NodeId));
    }

    [Test]
    public async Task A_folder_without_a_manager_is_refused_with_a_sentence()
    {
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => SwarmManager.OpenAsync(Options(), default));
        Assert.That(error!.Message, Does.Contain("manager.json"));
    }

    [TestCase(30u, 0u, "10.0.0.0/8", "subnet size is out of range: 30")]
    [TestCase(24u, 80u, "10.0.0.0/8", "invalid data path port number 80: it must be between 1024 and 49151")]
    [TestCase(24u, 0u, "frob", "invalid default address pool frob: a subnet such as 10.20.0.0/16 or fd00:20::/48 is needed")]
    [TestCase(24u, 0u, "fd00:20::/48", "invalid default address pool fd00:20::/48: one for IPv4 such as 10.20.0.0/16 is needed beside it")]
    [TestCase(24u, 0u, "fd00:20::/65", "invalid CIDR: default address pool fd00:20::/65 is smaller than a subnet of size 64")]
    [TestCase(24u, 0u, "10.0.0.0/25", "invalid CIDR: default address pool 10.0.0.0/25 is smaller than a subnet of size 24")]
    public async Task Options_that_no_swarm_can_have_are_refused_and_leave_nothing(uint size, uint port, string pool, string text)
    {
        var options = new SwarmManagerOptions
        {
            StateDirectory = _folder.Path,
            AdvertiseAddr = "127.0.0.1:2377",
            SubnetSize = size,
            DataPathPort = port,
            DefaultAddressPool = [pool],
        };
        Assert.That(
            (await Assert.ThrowsAsync<ControlException>(() => SwarmManager.BootstrapAsync(options, default)))!.Message, Is.EqualTo(text));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
    }

    private SwarmManagerOptions Options() => new() { StateDirectory = _folder.Path, AdvertiseAddr = "127.0.0.1:2377" };

    private static async Task AddReadyNodes(SwarmManager manager, params string[] ids)
    {
        await manager.Store.UpdateAsync(
            t =>
            {
                foreach (var id in ids)
                {
                    t.Create(Specs.ReadyNode(id));
                }
            },
            default);
    }
}
