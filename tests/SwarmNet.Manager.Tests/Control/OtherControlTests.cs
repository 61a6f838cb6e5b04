using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Manager.Control;
using SwarmNet.Protocol;
using static SwarmNet.Manager.Tests.Control.ControlFixture;

namespace SwarmNet.Manager.Tests.Control;

/// <summary>Networks, nodes, the cluster, secrets and configs: refusals as a stock engine was recorded to give them.</summary>
[TestFixture]
public sealed class OtherControlTests
{
    private const string Invalid = "rpc error: code = InvalidArgument desc = ";
    private ControlFixture _fixture = null!;

    private ControlApi Control => _fixture.Control;

    [SetUp]
    public async Task SetUp()
    {
        _fixture = new ControlFixture();
        await _fixture.CreateBasics();
    }

    [TearDown]
    public async Task TearDown() => await _fixture.DisposeAsync();

    [TestCase("", "10.1.0.0/16", "", "", Invalid + "meta: name must be provided")]
    [TestCase("n", "frob", "", "", Invalid + "ipam configuration: invalid subnet frob")]
    [TestCase("n", "10.1.0.1/16", "", "", Invalid + "ipam configuration: invalid subnet 10.1.0.1/16: it should be 10.1.0.0/16")]
    [TestCase("n", "10.1.0.0/16", "x", "", Invalid + "ipam configuration: invalid range x")]
    [TestCase("n", "10.1.0.0/16", "10.2.0.0/24", "", Invalid + "ipam configuration: subnet 10.1.0.0/16 does not contain range 10.2.0.0/24")]
    [TestCase("n", "10.1.0.0/16", "", "y", Invalid + "ipam configuration: invalid gateway y")]
    [TestCase("n", "10.1.0.0/16", "", "10.2.0.1", Invalid + "ipam configuration: subnet 10.1.0.0/16 does not contain gateway 10.2.0.1")]
    public async Task Bad_networks_are_refused(string name, string subnet, string range, string gateway, string refusal)
    {
        var spec = NetworkSpec(name);
        spec.Ipam = new IPAMOptions { Configs = { new IPAMConfig { Subnet = subnet, Range = range, Gateway = gateway } } };
        Assert.That(await RefusalOf(() => Control.CreateNetworkAsync(spec, default)), Is.EqualTo(refusal));
    }

    [TestCase(false, "fd00:1::/64", "", Invalid + "ipam configuration: subnet fd00:1::/64 is an IPv6 subnet, and IPv6 is not enabled on the network: enable it (--ipv6)")]
    [TestCase(true, "fd00:1::/121", "", Invalid + "ipam configuration: subnet fd00:1::/121 is too small: an IPv6 subnet needs a prefix of at most 120 bits, such as /64")]
    [TestCase(true, "fe80::/64", "", Invalid + "ipam configuration: subnet fe80::/64 cannot be given to endpoints, it overlaps fe80::/10: a unique local one such as fd00:1::/64 can")]
    [TestCase(true, "::ffff:10.0.0.0/104", "", Invalid + "ipam configuration: subnet ::ffff:10.0.0.0/104 cannot be given to endpoints, it overlaps ::/64: a unique local one such as fd00:1::/64 can")]
    [TestCase(true, "fd00:1::/64", "fd00:2::1", Invalid + "ipam configuration: subnet fd00:1::/64 does not contain gateway fd00:2::1")]
    [TestCase(true, "fd00:1::/64", "10.0.0.1", Invalid + "ipam configuration: subnet fd00:1::/64 does not contain gateway 10.0.0.1")]
    [TestCase(true, "fd00:1::5/64", "", Invalid + "ipam configuration: invalid subnet fd00:1::5/64: it should be fd00:1::/64")]
    public async Task Bad_ipv6_subnets_are_refused(bool isEnabled, string subnet, string gateway, string refusal)
    {
        var spec = NetworkSpec("n");
        spec.Ipv6Enabled = isEnabled;
        spec.Ipam = new IPAMOptions { Configs = { new IPAMConfig { Subnet = subnet, Gateway = gateway } } };
        Assert.That(await RefusalOf(() => Control.CreateNetworkAsync(spec, default)), Is.EqualTo(refusal));
    }

    [Test]
    public async Task Of_ipv6_subnets_a_network_has_one_of_its_own()
    {
        var first = NetworkSpec("a");
        first.Ipv6Enabled = true;
        first.Ipam = new IPAMOptions { Configs = { new IPAMConfig { Subnet = "fd00:9::/48" } } };
        await Control.CreateNetworkAsync(first, default);
        var second = NetworkSpec("b");
        second.Ipv6Enabled = true;
        second.Ipam = new IPAMOptions { Configs = { new IPAMConfig { Subnet = "fd00:9:0:8::/64" } } };
        Assert.That(await RefusalOf(() => Control.CreateNetworkAsync(second, default)), Does.EndWith("subnet fd00:9:0:8::/64 overlaps with network a"));

        second.Ipam = new IPAMOptions { Configs = { new IPAMConfig { Subnet = "fd00:1::/64" }, new IPAMConfig { Subnet = "fd00:2::/64" } } };
        Assert.That(await RefusalOf(() => Control.CreateNetworkAsync(second, default)),
            Is.EqualTo("rpc error: code = Unimplemented desc = 2 IPv6 subnets are asked for, and a network can have one: leave the others out"));
    }

    [Test]
    public async Task Network_kinds_that_cannot_be_are_refused()
    {
        var second = NetworkSpec("ing2");
        second.Ingress = true;
        Assert.That(await RefusalOf(() => Control.CreateNetworkAsync(second, default)),
            Is.EqualTo("rpc error: code = AlreadyExists desc = ingress network (ingressid) is already present"));
        second.Attachable = true;
        Assert.That(await RefusalOf(() => Control.CreateNetworkAsync(second, default)), Is.EqualTo(Invalid + "ingress network cannot be attachable"));

        var labelled = NetworkSpec("n");
        labelled.Annotations.Labels["com.docker.swarm.predefined"] = "true";
        Assert.That(await RefusalOf(() => Control.CreateNetworkAsync(labelled, default)), Does.StartWith("rpc error: code = PermissionDenied desc = label com.docker.swarm.predefined is for"));

        var driver = NetworkSpec("n");
        driver.DriverConfig = new Driver { Name = "frob" };
        Assert.That(await RefusalOf(() => Control.CreateNetworkAsync(driver, default)), Is.EqualTo(Invalid + "plugin frob not supported"));

        await Control.CreateNetworkAsync(NetworkSpec("net1"), default);
        Assert.That(await RefusalOf(() => Control.CreateNetworkAsync(NetworkSpec("NET1"), default)),
            Is.EqualTo("rpc error: code = AlreadyExists desc = network with name NET1 already exists"));
    }

    [Test]
    public async Task A_subnet_that_another_network_has_is_refused()
    {
        var first = NetworkSpec("a");
        first.Ipam = new IPAMOptions { Configs = { new IPAMConfig { Subnet = "10.9.0.0/16" } } };
        await Control.CreateNetworkAsync(first, default);
        var second = NetworkSpec("b");
        second.Ipam = new IPAMOptions { Configs = { new IPAMConfig { Subnet = "10.9.8.0/24" } } };
        Assert.That(await RefusalOf(() => Control.CreateNetworkAsync(second, default)), Does.EndWith("subnet 10.9.8.0/24 overlaps with network a"));
    }

    [Test]
    public async Task A_network_in_use_stays()
    {
        var network = await Control.CreateNetworkAsync(NetworkSpec("net1"), default);
        var service = await Control.CreateServiceAsync(Specs.Replicated("web", 1, network.Id), default);
        Assert.That(await RefusalOf(() => Control.RemoveNetworkAsync(network.Id, default)),
            Is.EqualTo($"rpc error: code = FailedPrecondition desc = network {network.Id} is in use by service {service.Id}"));

        await Control.RemoveServiceAsync(service.Id, default);
        var task = new SwarmTask
        {
            Id = "t1",
            Status = new TaskStatus { State = TaskState.Running },
            DesiredState = TaskState.Running,
            Networks = { new NetworkAttachment { Network = network } },
        };
        await _fixture.Create(task);
        Assert.That(await RefusalOf(() => Control.RemoveNetworkAsync(network.Id, default)), Does.EndWith($"network {network.Id} is in use by task t1"));

        await _fixture.Store.UpdateAsync(t =>
        {
            var stopping = t.View.Tasks.Get("t1")!.Clone();
            stopping.DesiredState = TaskState.Remove;
            t.Update(stopping);
        }, default);
        await Control.RemoveNetworkAsync(network.Id, default);
        Assert.That(await RefusalOf(() => Control.RemoveNetworkAsync(network.Id, default)), Does.EndWith("not found"));
    }

    [Test]
    public async Task The_ingress_network_stays_while_a_service_publishes_there()
    {
        var service = await Control.CreateServiceAsync(Specs.Replicated("web", 1).Publish(Specs.Port(80, 80)), default);
        Assert.That(await RefusalOf(() => Control.RemoveNetworkAsync("ingressid", default)),
            Does.EndWith($"ingress network cannot be removed because service {service.Id} depends on it"));
    }

    [Test]
    public async Task Nodes_change_availability()
    {
        await _fixture.Create(Manager("m1"), Specs.ReadyNode("n1"));
        var node = _fixture.View.Nodes.Get("n1")!;
        var drained = node.Spec.Clone();
        drained.Availability = NodeAvailability.Drain;
        var updated = await Control.UpdateNodeAsync("n1", node.Meta.Version.Index, drained, default);
        Assert.That(updated.Spec.Availability, Is.EqualTo(NodeAvailability.Drain));

        Assert.That(await RefusalOf(() => Control.UpdateNodeAsync("n1", 1, drained, default)), Is.EqualTo("rpc error: code = Unknown desc = update out of sequence"));
        Assert.That(await RefusalOf(() => Control.UpdateNodeAsync("nope", 1, drained, default)), Is.EqualTo("rpc error: code = NotFound desc = node nope not found"));

    }

    [Test]
    public async Task Removing_a_node_orphans_its_tasks_and_blocks_its_certificate()
    {
        var node = Specs.ReadyNode("n1");
        node.Certificate = new Certificate { Cn = "n1", Certificate_ = ByteString.CopyFromUtf8("not readable") };
        await _fixture.Create(Manager("m1"), node);
        await _fixture.Store.UpdateBatchAsync(
            Enumerable.Range(0, 450).ToList(),
            (t, i) => t.Create(new SwarmTask { Id = $"t{i}", NodeId = "n1", Status = new TaskStatus { State = i == 0 ? TaskState.Failed : TaskState.Running } }),
            default);

        Assert.That(await RefusalOf(() => Control.RemoveNodeAsync("n1", false, default)),
            Is.EqualTo("rpc error: code = FailedPrecondition desc = node n1 is not down and can't be removed"));
        Assert.That(await RefusalOf(() => Control.RemoveNodeAsync("m1", true, default)),
            Does.EndWith("node m1 is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal"));

        await Control.RemoveNodeAsync("n1", true, default);
        Assert.That(_fixture.View.Nodes.Get("n1"), Is.Null);
        Assert.That(_fixture.View.Cluster!.BlacklistedCertificates, Contains.Key("n1"));
        var states = _fixture.View.TasksOfNode("n1").CountBy(task => task.Status.State).ToDictionary();
        Assert.That(states, Is.EqualTo(new Dictionary<TaskState, int> { [TaskState.Failed] = 1, [TaskState.Orphaned] = 449 }));
    }

    [Test]
    public async Task The_cluster_is_changed_within_limits()
    {
        var version = _fixture.View.Cluster!.Meta.Version.Index;
        Assert.That(await Cluster(version, s => s.CaConfig.NodeCertExpiry = Duration.FromTimeSpan(TimeSpan.FromMinutes(59))),
            Is.EqualTo(Invalid + "minimum certificate expiry time is: 1h0m0s"));
        Assert.That(await Cluster(version, s => s.Dispatcher.HeartbeatPeriod = new Duration { Seconds = -1 }),
            Is.EqualTo(Invalid + "heartbeat time period cannot be a negative duration"));
        Assert.That(await Cluster(version, s => s.Annotations.Name = "frob"), Is.EqualTo(Invalid + "modification of cluster name is not allowed"));
        Assert.That(await Cluster(version + 1, _ => { }), Is.EqualTo("rpc error: code = Unknown desc = update out of sequence"));
        Assert.That(await Cluster(version, s => s.CaConfig.ForceRotate++), Does.StartWith("rpc error: code = Unimplemented"));
        Assert.That(await Cluster(version, s => s.CaConfig.SigningCaKey = ByteString.CopyFromUtf8("k")),
            Is.EqualTo(Invalid + "if a signing CA key is provided, the signing CA cert must also be provided"));
    }

    [Test]
    public async Task A_rotated_token_keeps_the_digest_and_changes_the_secret()
    {
        var before = _fixture.View.Cluster!;
        var after = await Control.UpdateClusterAsync(null, before.Meta.Version.Index, before.Spec, new ClusterRotation(true, false, false), default);
        Assert.That(after.RootCa.JoinTokens.Worker, Does.Match("^SWMTKN-1-digest-[0-9a-z]{25}$"));
        Assert.That(after.RootCa.JoinTokens.Manager, Is.EqualTo(before.RootCa.JoinTokens.Manager));
    }

    [TestCase("a b", 1, "invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]")]
    [TestCase("", 1, "name must be provided")]
    [TestCase("s9", 0, "secret data must be larger than 0 and less than 512000 bytes")]
    [TestCase("s9", 512_000, "secret data must be larger than 0 and less than 512000 bytes")]
    public async Task Bad_secrets_are_refused(string name, int size, string text) =>
        Assert.That(await RefusalOf(() => Control.CreateSecretAsync(SecretSpec(name, size), default)), Is.EqualTo(Invalid + text));

    [TestCase("", 1, "name must be provided")]
    [TestCase("c9", 1_024_000, "config data must be larger than 0 and less than 1024000 bytes")]
    public async Task Bad_configs_are_refused(string name, int size, string text) =>
        Assert.That(await RefusalOf(() => Control.CreateConfigAsync(ConfigSpec(name, size), default)), Is.EqualTo(Invalid + text));

    [Test]
    public async Task Secrets_and_configs_change_labels_only_and_stay_while_used()
    {
        var secret = await Control.CreateSecretAsync(SecretSpec("s1", 511_999), default);
        var config = await Control.CreateConfigAsync(ConfigSpec("c1", 1_023_999), default);
        Assert.That(await RefusalOf(() => Control.CreateSecretAsync(SecretSpec("S1", 1), default)), Is.EqualTo("rpc error: code = AlreadyExists desc = secret S1 already exists"));
        Assert.That(await RefusalOf(() => Control.CreateConfigAsync(ConfigSpec("c1", 1), default)), Is.EqualTo("rpc error: code = AlreadyExists desc = config c1 already exists"));

        var labels = SecretSpec("s1", 0);
        labels.Annotations.Labels["a"] = "b";
        var updated = await Control.UpdateSecretAsync(secret.Id, secret.Meta.Version.Index, labels, default);
        Assert.That((updated.Spec.Annotations.Labels["a"], updated.Spec.Data.Length), Is.EqualTo(("b", 511_999)));
        Assert.That(await RefusalOf(() => Control.UpdateSecretAsync(secret.Id, 1, SecretSpec("s1", 5), default)), Is.EqualTo(Invalid + "only updates to Labels are allowed"));
        Assert.That(await RefusalOf(() => Control.UpdateConfigAsync(config.Id, 1, ConfigSpec("c2", 0), default)), Is.EqualTo(Invalid + "only updates to Labels are allowed"));

        foreach (var name in new[] { "rich", "zoo" })
        {
            var spec = Specs.Replicated(name, 1);
            spec.Task.Container.Secrets.Add(new SecretReference { SecretId = secret.Id, SecretName = "s1", File = new FileTarget { Name = "f" } });
            spec.Task.Container.Configs.Add(new ConfigReference { ConfigId = config.Id, ConfigName = "c1", File = new FileTarget { Name = "f" } });
            await Control.CreateServiceAsync(spec, default);
        }

        Assert.That((await RefusalOf(() => Control.RemoveSecretAsync(secret.Id, default))).Replace("zoo, rich", "rich, zoo", StringComparison.Ordinal),
            Is.EqualTo(Invalid + "secret 's1' is in use by the following services: rich, zoo"));
        await Control.RemoveServiceAsync(_fixture.View.Services.FindByName("zoo")!.Id, default);
        Assert.That(await RefusalOf(() => Control.RemoveConfigAsync(config.Id, default)),
            Is.EqualTo(Invalid + "config 'c1' is in use by the following service: rich"));
        await Control.RemoveServiceAsync(_fixture.View.Services.FindByName("rich")!.Id, default);
        await Control.RemoveSecretAsync(secret.Id, default);
        await Control.RemoveConfigAsync(config.Id, default);
        Assert.That(await RefusalOf(() => Control.RemoveSecretAsync(secret.Id, default)), Does.EndWith($"secret {secret.Id} not found"));
    }

    private Task<string> Cluster(ulong version, Action<ClusterSpec> change)
    {
        var spec = _fixture.View.Cluster!.Spec.Clone();
        change(spec);
        return RefusalOf(() => Control.UpdateClusterAsync("cluster", version, spec, default, default));
    }

    private static Node Manager(string id)
    {
        var node = Specs.ReadyNode(id);
        node.Spec.DesiredRole = NodeRole.Manager;
        node.ManagerStatus = new ManagerStatus { RaftId = 1, Leader = true };
        return node;
    }

    private static NetworkSpec NetworkSpec(string name) =>
        new() { Annotations = new Annotations { Name = name }, DriverConfig = new Driver { Name = "overlay" } };

    private static SecretSpec SecretSpec(string name, int size) =>
        new() { Annotations = new Annotations { Name = name }, Data = ByteString.CopyFrom(new byte[size]) };

    private static ConfigSpec ConfigSpec(string name, int size) =>
        new() { Annotations = new Annotations { Name = name }, Data = ByteString.CopyFrom(new byte[size]) };
}
