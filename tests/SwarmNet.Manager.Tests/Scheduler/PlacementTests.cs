using SwarmNet.Manager.Tests.Simulation;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests.Scheduler;

[TestFixture]
public sealed class PlacementTests
{
    private SimCluster _cluster = null!;

    [SetUp]
    public void SetUp() => _cluster = new SimCluster(1);

    [TearDown]
    public async Task TearDown() => await _cluster.DisposeAsync();

    [Test]
    public void Without_a_node_there_is_no_suitable_node_and_the_first_one_gets_the_tasks()
    {
        var id = Place(Specs.Replicated("web", 2));
        Assert.That(Errors(id), Is.EqualTo(new[] { "no suitable node", "no suitable node" }));
        _cluster.AddNode("n1");
        _cluster.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo(2));
        Assert.That(Errors(id), Is.EqualTo(new[] { "", "" }));
    }

    [Test]
    public void Reasons_are_counted_most_frequent_first()
    {
        AddNodes("n1", "n2", "n3", "n4");
        _cluster.UpdateNode("n1", node => node.Spec.Availability = NodeAvailability.Drain);
        var spec = Specs.Replicated("big", 1);
        spec.Task.Resources = new ResourceRequirements { Reservations = new Resources { MemoryBytes = 1L << 40 } };
        Assert.That(Errors(Place(spec)).Single(), Is.EqualTo(
            "no suitable node (insufficient resources on 3 nodes; 1 node not available for new tasks)"));
    }

    [TestCase("node.labels.a==b", null, "no suitable node (scheduling constraints not satisfied on 1 node)")]
    [TestCase(null, "windows", "no suitable node (unsupported platform on 1 node)")]
    public void Constraints_and_platforms_refuse(string? constraint, string? os, string error)
    {
        AddNodes("n1");
        var spec = Specs.Replicated("web", 1);
        spec.Task.Placement = new Placement();
        if (constraint is not null)
        {
            spec.Task.Placement.Constraints.Add(constraint);
        }

        if (os is not null)
        {
            spec.Task.Placement.Platforms.Add(new Platform { Os = os, Architecture = "amd64" });
        }

        Assert.That(Errors(Place(spec)).Single(), Is.EqualTo(error));
    }

    [Test]
    public void Platform_names_are_normalized_and_empty_ones_match()
    {
        AddNodes("n1");
        var spec = Specs.Replicated("web", 1);
        spec.Task.Placement = new Placement { Platforms = { new Platform { Os = "linux", Architecture = "amd64" } } };
        Assert.That(_cluster.Running(Place(spec)).Count(), Is.EqualTo(1));
    }

    [Test]
    public void Plugins_host_ports_and_the_replica_limit_refuse()
    {
        AddNodes("n1", "n2");
        var volume = Specs.Replicated("vol", 1);
        volume.Task.Container.Mounts.Add(new Mount
        {
            Type = Mount.Types.MountType.Volume,
            Target = "/a",
            VolumeOptions = new Mount.Types.VolumeOptions { DriverConfig = new Driver { Name = "nfs" } },
        });
        Assert.That(Errors(Place(volume)).Single(), Is.EqualTo("no suitable node (missing plugin on 2 nodes)"));

        var host = Place(Specs.Replicated("host", 3).Publish(Specs.Port(80, 8080, PublishMode.Host)));
        Assert.That(Errors(host).Order().Last(), Is.EqualTo("no suitable node (host-mode port already in use on 2 nodes)"));
        Assert.That(_cluster.Running(host).Select(task => task.NodeId), Is.EquivalentTo(new[] { "n1", "n2" }));

        var limited = Specs.Replicated("max", 3);
        limited.Task.Placement = new Placement { MaxReplicas = 1 };
        Assert.That(Errors(Place(limited)).Order().Last(), Is.EqualTo("no suitable node (max replicas per node limit exceed)"));
    }

    [Test]
    public void Reservations_fill_a_node_and_limits_never_do()
    {
        AddNodes("n1");
        var spec = Specs.Replicated("web", 5);
        spec.Task.Resources = new ResourceRequirements
        {
            Reservations = new Resources { NanoCpus = 1_000_000_000 },
            Limits = new Resources { NanoCpus = 64_000_000_000 },
        };
        var id = Place(spec);
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo(4));
        Assert.That(Errors(id).Order().Last(), Is.EqualTo("no suitable node (insufficient resources on 1 node)"));

        var other = _cluster.AddService(Specs.Replicated("free", 1));
        _cluster.UpdateService(id, s => s.Replicated.Replicas = 3);
        _cluster.Advance(TimeSpan.FromSeconds(2));
        Assert.That((_cluster.Running(id).Count(), _cluster.Running(other).Count()), Is.EqualTo((3, 1)));
    }

    [Test]
    public void Generic_resources_are_counted_or_picked_by_name()
    {
        AddNodes("n1", "n2");
        _cluster.UpdateNode("n1", node => node.Description.Resources.Generic.Add(
            new GenericResource { DiscreteResourceSpec = new DiscreteGenericResource { Kind = "gpu", Value = 1 } }));
        _cluster.UpdateNode("n2", node => node.Description.Resources.Generic.AddRange(
            [Named("u1"), Named("u2")]));
        var spec = Specs.Replicated("ml", 4);
        spec.Task.Resources = new ResourceRequirements
        {
            Reservations = new Resources { Generic = { new GenericResource { DiscreteResourceSpec = new DiscreteGenericResource { Kind = "gpu", Value = 1 } } } },
        };
        var id = Place(spec);
        var named = _cluster.Running(id).Where(task => task.NodeId == "n2").SelectMany(task => task.AssignedGenericResources);
        Assert.That(named.Select(resource => resource.NamedResourceSpec.Value), Is.EquivalentTo(new[] { "u1", "u2" }));
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo(3));
    }

    [Test]
    public void Services_spread_by_their_own_tasks_first_then_by_all()
    {
        AddNodes("n1", "n2", "n3");
        _cluster.UpdateNode("n2", node => node.Spec.Availability = NodeAvailability.Pause);
        _cluster.UpdateNode("n3", node => node.Spec.Availability = NodeAvailability.Pause);
        Place(Specs.Replicated("first", 3));
        _cluster.UpdateNode("n2", node => node.Spec.Availability = NodeAvailability.Active);
        _cluster.UpdateNode("n3", node => node.Spec.Availability = NodeAvailability.Active);
        Assert.That(NodesOf(Place(Specs.Replicated("second", 2))), Is.EquivalentTo(new[] { "n2", "n3" }));
        Assert.That(NodesOf(Place(Specs.Replicated("third", 3))), Is.EquivalentTo(new[] { "n1", "n2", "n3" }));
    }

    [Test]
    public void A_preference_evens_out_the_branches_not_the_nodes()
    {
        AddNodes("a1", "b1", "b2", "b3");
        foreach (var node in _cluster.Nodes)
        {
            _cluster.UpdateNode(node.Id, n => n.Spec.Annotations.Labels["zone"] = n.Id[..1]);
        }

        var spec = Specs.Replicated("web", 6);
        spec.Task.Placement = new Placement
        {
            Preferences = { new PlacementPreference { Spread = new SpreadOver { SpreadDescriptor = "node.labels.zone" } } },
        };
        Assert.That(NodesOf(Place(spec)), Is.EquivalentTo(new[] { "a1", "a1", "a1", "b1", "b2", "b3" }));
    }

    [Test]
    public void A_branch_that_is_full_passes_its_share_on()
    {
        AddNodes("a1", "b1");
        _cluster.UpdateNode("a1", n => n.Spec.Annotations.Labels["zone"] = "a");
        var spec = Specs.Replicated("web", 6);
        spec.Task.Placement = new Placement
        {
            MaxReplicas = 4,
            Constraints = { "node.id!=x" },
            Preferences = { new PlacementPreference { Spread = new SpreadOver { SpreadDescriptor = "node.labels.zone" } } },
        };
        _cluster.UpdateNode("a1", n => n.Description.Resources.NanoCpus = 2_000_000_000);
        spec.Task.Resources = new ResourceRequirements { Reservations = new Resources { NanoCpus = 1_000_000_000 } };
        Assert.That(NodesOf(Place(spec)), Is.EquivalentTo(new[] { "a1", "a1", "b1", "b1", "b1", "b1" }));
    }

    [Test]
    public void A_node_where_tasks_keep_failing_comes_last()
    {
        AddNodes("good", "bad");
        _cluster.Nodes[1].Fails = task => task.Status.State == TaskState.Preparing;
        var spec = Specs.Replicated("web", 2);
        spec.Task.Restart = new RestartPolicy { Delay = new Google.Protobuf.WellKnownTypes.Duration(), Condition = RestartPolicy.Types.Condition.RestartOnAny };
        var id = _cluster.AddService(spec);
        _cluster.AdvanceUntil(() => _cluster.Running(id).Count() == 2, TimeSpan.FromSeconds(20), "both run on the good node");
        Assert.That(NodesOf(id), Is.EquivalentTo(new[] { "good", "good" }));
    }

    [Test]
    public void A_global_task_that_does_not_fit_says_so_without_counting_nodes_that_are_not_its_own()
    {
        AddNodes("n1", "n2");
        _cluster.UpdateNode("n2", n => n.Description.Resources.MemoryBytes = 1);
        var spec = Specs.Global("agent");
        spec.Task.Resources = new ResourceRequirements { Reservations = new Resources { MemoryBytes = 1 << 30 } };
        var id = Place(spec);
        Assert.That(Errors(id), Is.EquivalentTo(new[] { "", "insufficient resources on 1 node" }));
        Assert.That(_cluster.View.TasksOfService(id).Single(task => task.NodeId == "n1").Status.State, Is.EqualTo(TaskState.Running));
    }

    private string Place(ServiceSpec spec)
    {
        var id = _cluster.AddService(spec);
        _cluster.Advance(TimeSpan.FromSeconds(1.5));
        return id;
    }

    private void AddNodes(params string[] ids)
    {
        foreach (var id in ids)
        {
            _cluster.AddNode(id);
        }
    }

    private List<string> Errors(string id) => [.. _cluster.View.TasksOfService(id).Select(task => task.Status.Err)];

    private List<string> NodesOf(string id) => [.. _cluster.Running(id).Select(task => task.NodeId)];

    private static GenericResource Named(string value) =>
        new() { NamedResourceSpec = new NamedGenericResource { Kind = "gpu", Value = value } };
}
