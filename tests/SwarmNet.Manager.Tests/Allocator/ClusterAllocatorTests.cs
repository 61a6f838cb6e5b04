using SwarmNet.Manager.Allocator;
using SwarmNet.Manager.Tests.Simulation;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests.Allocator;

[TestFixture]
public sealed class ClusterAllocatorTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private SimCluster _cluster = null!;

    [SetUp]
    public void SetUp()
    {
        _cluster = new SimCluster(1);
        _cluster.AddNode("n1");
        _cluster.Advance(Moment);
    }

    [TearDown]
    public async Task TearDown() => await _cluster.DisposeAsync();

    [Test]
    public void Addresses_come_in_dockers_order()
    {
        var network = _cluster.AddNetwork("net1");
        var id = _cluster.AddService(Specs.Replicated("web", 1, network).Publish(Specs.Port(80, 8000)));
        _cluster.Advance(Moment);

        var stored = _cluster.View.Networks.Get(network)!;
        Assert.That((stored.Ipam.Driver.Name, stored.Ipam.Configs[0].Subnet, stored.Ipam.Configs[0].Gateway), Is.EqualTo(("default", "10.0.1.0/24", "10.0.1.1")));
        Assert.That((stored.DriverState.Name, stored.DriverState.Options["com.docker.network.driver.overlay.vxlanid_list"]), Is.EqualTo(("overlay", "4097")));

        var service = _cluster.View.Services.Get(id)!;
        Assert.That(service.Endpoint.VirtualIps.Select(vip => vip.Addr), Is.EqualTo(new[] { "10.0.0.3/24", "10.0.1.2/24" }), "ingress first");
        Assert.That(service.Endpoint.Ports, Is.EqualTo(service.Spec.Endpoint.Ports));

        var task = _cluster.Running(id).Single();
        Assert.That(task.Networks.Select(a => (a.Network.Spec.Annotations.Name, a.Addresses.Single())), Is.EqualTo(
            new[] { ("ingress", "10.0.0.4/24"), ("net1", "10.0.1.3/24") }));
        Assert.That(task.Networks[1].Network, Is.EqualTo(stored));
        Assert.That(task.Endpoint, Is.EqualTo(service.Endpoint));

        var node = _cluster.View.Nodes.Get("n1")!;
        Assert.That(node.Attachments.Select(a => a.Addresses.Single()), Is.EqualTo(new[] { "10.0.0.2/24", "10.0.1.4/24" }));
    }

    [Test]
    public void An_attachment_gets_the_address_that_it_asks_for_waits_while_it_is_taken_and_goes_with_its_node()
    {
        var network = _cluster.AddNetwork("open");
        _cluster.Advance(Moment);
        _cluster.Commit(t => t.Create(Attachment("a1")));
        _cluster.Commit(t => t.Create(Attachment("a2")));
        _cluster.Advance(Moment);
        var first = _cluster.View.Tasks.Get("a1")!;
        Assert.That((first.Networks.Single().Addresses.Single(), first.NodeId, first.Status.State), Is.EqualTo(("10.0.1.77/24", "n1", TaskState.Running)));
        Assert.That(_cluster.View.Tasks.Get("a2")!.Status.Err, Is.EqualTo("address 10.0.1.77 of network open is taken, or in none of its subnets"));
        Assert.That(_cluster.View.Nodes.Get("n1")!.Attachments.Select(a => a.Network.Id), Does.Contain(network), "the node takes part");

        _cluster.Commit(t => t.Remove(t.View.Tasks.Get("a1")!));
        _cluster.AdvanceUntil(() => _cluster.View.Tasks.Get("a2")!.Status.State == TaskState.Running, TimeSpan.FromMinutes(6), "the address is free");
        Assert.That(_cluster.View.Tasks.Get("a2")!.Networks.Single().Addresses.Single(), Is.EqualTo("10.0.1.77/24"));
        _cluster.Commit(t => t.Remove(t.View.Nodes.Get("n1")!));
        _cluster.AdvanceUntil(() => _cluster.View.Tasks.Get("a2") is null, TimeSpan.FromMinutes(1), "it is removed");

        SwarmTask Attachment(string id) => new()
        {
            Id = id,
            NodeId = "n1",
            Spec = new TaskSpec
            {
                Attachment = new NetworkAttachmentSpec { ContainerId = "c-" + id },
                Networks = { new NetworkAttachmentConfig { Target = network, Addresses = { "10.0.1.77" } } },
            },
            Status = new TaskStatus { State = TaskState.New },
            DesiredState = TaskState.Running,
        };
    }

    [Test]
    public void An_attachment_may_ask_for_an_address_of_either_family()
    {
        AddDual("dual", new IPAMConfig { Subnet = "fd00:8::/64", Range = "fd00:8:0:0:8000::/80" });
        _cluster.Advance(Moment);
        _cluster.Commit(t => t.Create(Attachment("a1", "fd00:8::77")));
        _cluster.Advance(Moment);
        _cluster.Commit(t => t.Create(Attachment("a2", "fd00:8::77", "10.0.1.78")));
        _cluster.Commit(t => t.Create(Attachment("a3", "fd00:8::78", "10.0.1.78")));
        _cluster.Advance(Moment);
        Assert.That(_cluster.View.Tasks.Get("a1")!.Networks.Single().Addresses, Is.EqualTo(new[] { "10.0.1.2/24", "fd00:8::77/64" }));
        Assert.That(_cluster.View.Tasks.Get("a2")!.Status.Err, Is.EqualTo("address fd00:8::77 or 10.0.1.78 of network dual is taken, or in none of its subnets"));
        Assert.That(_cluster.View.Tasks.Get("a3")!.Networks.Single().Addresses, Is.EqualTo(new[] { "10.0.1.78/24", "fd00:8::78/64" }), "what the other could not use is free");

        static SwarmTask Attachment(string id, params string[] addresses) => new()
        {
            Id = id,
            NodeId = "n1",
            Spec = new TaskSpec
            {
                Attachment = new NetworkAttachmentSpec { ContainerId = "c-" + id },
                Networks = { new NetworkAttachmentConfig { Target = "dual", Addresses = { addresses } } },
            },
            Status = new TaskStatus { State = TaskState.New },
            DesiredState = TaskState.Running,
        };
    }

    [Test]
    public void With_ipv6_everything_has_an_address_of_both_families()
    {
        AddDual("dual");
        var id = _cluster.AddService(Specs.Replicated("web", 2, "dual"));
        _cluster.Advance(Moment);

        var network = _cluster.View.Networks.Get("dual")!;
        var pool = DefaultPool6.Of(_cluster.View.Cluster?.Id ?? "");
        var subnet = $"{pool.BaseAddress}/64";
        Assert.That(network.Ipam.Configs.Select(c => (c.Family, c.Subnet, c.Gateway)), Is.EqualTo(new[]
        {
            (IPAMConfig.Types.AddressFamily.Ipv4, "10.0.1.0/24", "10.0.1.1"),
            (IPAMConfig.Types.AddressFamily.Ipv6, subnet, $"{pool.BaseAddress}1"),
        }));
        Assert.That(network.DriverState.Options["com.docker.network.driver.overlay.vxlanid_list"], Is.EqualTo("4097"), "one tunnel for both");
        Assert.That(_cluster.View.Services.Get(id)!.Endpoint.VirtualIps.Select(v => (v.NetworkId, v.Addr)), Is.EqualTo(new[]
        {
            ("dual", "10.0.1.2/24"), ("dual", $"{pool.BaseAddress}2/64"),
        }), "IPv4 first: a stock engine takes the first");
        Assert.That(_cluster.Running(id).Select(t => string.Join(' ', t.Networks.Single().Addresses)), Is.EquivalentTo(new[]
        {
            $"10.0.1.3/24 {pool.BaseAddress}3/64", $"10.0.1.4/24 {pool.BaseAddress}4/64",
        }));
        Assert.That(_cluster.View.Nodes.Get("n1")!.Attachments.Select(a => a.Addresses.Count), Is.All.EqualTo(1));

        AddDual("other");
        _cluster.Advance(Moment);
        Assert.That(_cluster.View.Networks.Get("other")!.Ipam.Configs[1].Subnet, Does.EndWith(":1::/64").And.StartWith(pool.BaseAddress.ToString()[..^2]));
    }

    [Test]
    public void Asked_for_ipv6_subnets_ranges_and_gateways_are_kept()
    {
        AddDual("asked", new IPAMConfig { Subnet = "fd00:5::/64", Range = "fd00:5:0:0:8000::/80", Gateway = "fd00:5::fe" }, new IPAMConfig { Subnet = "192.168.3.0/24" });
        AddDual("range", new IPAMConfig { Subnet = "fd00:6::/64", Range = "fd00:6:0:0:8000::/80" });
        var id = _cluster.AddService(Specs.Replicated("web", 1, "asked", "range"));
        _cluster.Advance(Moment);

        Assert.That(_cluster.View.Networks.Get("asked")!.Ipam.Configs.Select(c => (c.Subnet, c.Gateway)),
            Is.EqualTo(new[] { ("192.168.3.0/24", "192.168.3.1"), ("fd00:5::/64", "fd00:5::fe") }), "IPv4 first");
        Assert.That(_cluster.View.Networks.Get("range")!.Ipam.Configs[1].Gateway, Is.EqualTo("fd00:6:0:0:8000::"));
        Assert.That(_cluster.View.Services.Get(id)!.Endpoint.VirtualIps.Where(v => v.Addr.Contains(':', StringComparison.Ordinal)).Select(v => v.Addr),
            Is.EqualTo(new[] { "fd00:5:0:0:8000::/64", "fd00:6::8000:0:0:1/64" }));
    }

    [Test]
    public void What_is_freed_in_ipv6_is_used_again_and_a_new_leader_knows_what_is_taken()
    {
        AddDual("dual", new IPAMConfig { Subnet = "fd00:7::/120" });
        var id = _cluster.AddService(Specs.Replicated("web", 3, "dual"));
        _cluster.Advance(Moment);
        var before = Addresses(id);
        _cluster.Elect();
        _cluster.UpdateService(id, spec => spec.Replicated.Replicas = 4);
        _cluster.Advance(Moment);
        Assert.That(Addresses(id), Is.SupersetOf(before).And.Count.EqualTo(8).And.Unique);

        _cluster.RemoveService(id);
        _cluster.Advance(TimeSpan.FromMinutes(1));
        _cluster.Commit(t => t.Remove(t.View.Networks.Get("dual")!));
        AddDual("again", new IPAMConfig { Subnet = "fd00:7::/120" });
        _cluster.Advance(Moment);
        Assert.That(_cluster.View.Networks.Get("again")!.Ipam, Is.Not.Null, "the subnet was freed");

        HashSet<string> Addresses(string service) => [.. _cluster.Running(service).SelectMany(t => t.Networks.Single().Addresses)];
    }

    [Test]
    public void The_default_ipv6_pool_is_a_swarms_own()
    {
        var pool = DefaultPool6.Of("one");
        Assert.That(pool.PrefixLength, Is.EqualTo(48));
        Assert.That(pool.BaseAddress.GetAddressBytes()[0], Is.EqualTo(0xfd));
        Assert.That(DefaultPool6.Of("one"), Is.EqualTo(pool));
        Assert.That(DefaultPool6.Of("two"), Is.Not.EqualTo(pool));
    }

    private void AddDual(string name, params IPAMConfig[] configs) => _cluster.Commit(t => t.Create(new Network
    {
        Id = name,
        Spec = new NetworkSpec
        {
            Annotations = new Annotations { Name = name },
            DriverConfig = new Driver { Name = "overlay" },
            Ipv6Enabled = true,
            Ipam = new IPAMOptions { Configs = { configs } },
        },
    }));

    [Test]
    public void The_driver_options_of_a_network_are_kept_and_a_vni_may_be_asked_for()
    {
        _cluster.Commit(t => t.Create(new Network
        {
            Id = "w",
            Spec = new NetworkSpec
            {
                Annotations = new Annotations { Name = "own" },
                DriverConfig = new Driver { Name = "overlay", Options = { ["encrypted"] = "", ["com.docker.network.driver.overlay.vxlanid_list"] = "5000" } },
                Ipam = new IPAMOptions
                {
                    Configs =
                    {
                        new IPAMConfig { Subnet = "192.168.0.0/24", Gateway = "192.168.0.254" },
                        new IPAMConfig { Subnet = "192.168.7.0/24", Range = "192.168.7.64/26" },
                    },
                },
            },
        }));
        _cluster.Advance(Moment);
        var network = _cluster.View.Networks.Get("w")!;
        Assert.That(network.DriverState.Options["encrypted"], Is.Empty);
        Assert.That(network.DriverState.Options["com.docker.network.driver.overlay.vxlanid_list"], Is.EqualTo("5000,5001"));
        Assert.That(network.Ipam.Configs.Select(config => config.Gateway), Is.EqualTo(new[] { "192.168.0.254", "192.168.7.64" }));
    }

    [Test]
    public void Going_to_dnsrr_frees_the_virtual_address_and_dropping_ports_the_ingress_one()
    {
        var network = _cluster.AddNetwork("net1");
        var id = _cluster.AddService(Specs.Replicated("web", 1, network).Publish(Specs.Port(80, 0)));
        _cluster.Advance(Moment);
        var port = _cluster.View.Services.Get(id)!.Endpoint.Ports.Single().PublishedPort;
        Assert.That(port, Is.EqualTo(30000));

        _cluster.UpdateService(id, spec => spec.Endpoint.Ports.Add(Specs.Port(81, 0)));
        _cluster.Advance(Moment);
        Assert.That(_cluster.View.Services.Get(id)!.Endpoint.Ports.Select(p => p.PublishedPort), Is.EqualTo(new uint[] { 30000, 30001 }), "it sticks");

        _cluster.UpdateService(id, spec => spec.Endpoint = new EndpointSpec { Mode = EndpointResolutionMode.Dnsrr });
        _cluster.Advance(TimeSpan.FromSeconds(10));
        Assert.That(_cluster.View.Services.Get(id)!.Endpoint.VirtualIps, Is.Empty);
        Assert.That(_cluster.Running(id).Single().Networks.Select(a => a.Network.Id), Is.EqualTo(new[] { network }));
    }

    [Test]
    public void A_full_network_says_so_and_goes_on_when_something_is_freed()
    {
        _cluster.Commit(t => t.Create(new Network
        {
            Id = "small",
            Spec = new NetworkSpec
            {
                Annotations = new Annotations { Name = "small" },
                Ipam = new IPAMOptions { Configs = { new IPAMConfig { Subnet = "192.168.0.0/29" } } },
            },
        }));

        // 6 addresses: gateway, virtual address, and then tasks and the node.
        var id = _cluster.AddService(Specs.Replicated("web", 6, "small"));
        _cluster.Advance(Moment);
        var waiting = _cluster.View.TasksOfService(id).Where(task => task.Status.State == TaskState.New).ToList();
        Assert.That(waiting, Has.Count.EqualTo(2));
        Assert.That(waiting.Select(task => task.Status.Err).Distinct().Single(), Is.EqualTo("no free address in network small"));

        _cluster.UpdateService(id, spec => spec.Replicated.Replicas = 3);
        _cluster.Advance(TimeSpan.FromMinutes(1));
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo(3));
        Assert.That(_cluster.View.Nodes.Get("n1")!.Attachments.Count, Is.EqualTo(2), "the node got its address too");
    }

    [Test]
    public void A_pool_that_is_used_up_shows_at_the_tasks()
    {
        _cluster.Commit(t =>
        {
            var cluster = t.View.Cluster!.Clone();
            cluster.DefaultAddressPool.Clear();
            cluster.DefaultAddressPool.Add("10.0.0.0/24");
            t.Update(cluster);
        });
        _cluster.Elect();
        var id = _cluster.AddService(Specs.Replicated("web", 1, _cluster.AddNetwork("net1")));
        _cluster.Advance(Moment);
        Assert.That(_cluster.View.TasksOfService(id).Single().Status.Err, Is.EqualTo("no free subnet for network net1"));
    }

    [Test]
    public void A_task_on_a_node_local_network_needs_no_address()
    {
        _cluster.Commit(t => t.Create(new Network
        {
            Id = "host",
            Spec = new NetworkSpec { Annotations = new Annotations { Name = "host" }, DriverConfig = new Driver { Name = "host" } },
        }));
        var id = _cluster.AddService(Specs.Replicated("web", 1, "host"));
        _cluster.Advance(Moment);
        var task = _cluster.Running(id).Single();
        Assert.That((task.Networks.Single().Network.Id, task.Networks.Single().Addresses.Count), Is.EqualTo(("host", 0)));
        Assert.That(_cluster.View.Services.Get(id)!.Endpoint.VirtualIps, Is.Empty);
    }

    [Test]
    public void The_nodes_address_goes_when_its_last_task_of_the_network_has_gone()
    {
        var id = _cluster.AddService(Specs.Replicated("web", 2, _cluster.AddNetwork("net1")));
        _cluster.Advance(Moment);
        Assert.That(_cluster.View.Nodes.Get("n1")!.Attachments.Count, Is.EqualTo(2));
        _cluster.RemoveService(id);
        _cluster.Advance(Moment);
        Assert.That(_cluster.View.Nodes.Get("n1")!.Attachments.Count, Is.EqualTo(1));
    }

    [Test]
    public void A_new_leader_gives_nobody_an_address_that_is_taken()
    {
        var network = _cluster.AddNetwork("net1");
        var id = _cluster.AddService(Specs.Replicated("web", 5, network).Publish(Specs.Port(80, 0)));
        _cluster.Advance(Moment);
        _cluster.Elect();
        _cluster.AfterStep = () => Invariants.Check(_cluster);
        _cluster.AddService(Specs.Replicated("more", 5, network).Publish(Specs.Port(80, 0)));
        _cluster.AddNetwork("net2");
        _cluster.Advance(Moment);
        Assert.That(_cluster.View.Networks.FindByName("net2")!.Ipam.Configs[0].Subnet, Is.EqualTo("10.0.2.0/24"));
        Assert.That(_cluster.View.Services.FindByName("more")!.Endpoint.Ports.Single().PublishedPort, Is.EqualTo(30001));
        Assert.That(_cluster.View.Services.Get(id)!.Endpoint.Ports.Single().PublishedPort, Is.EqualTo(30000));
    }
}
