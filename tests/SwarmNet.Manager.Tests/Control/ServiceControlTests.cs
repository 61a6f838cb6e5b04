using Google.Protobuf.WellKnownTypes;
using SwarmNet.Manager.Control;
using SwarmNet.Protocol;
using static SwarmNet.Manager.Tests.Control.ControlFixture;
using Enum = System.Enum;

namespace SwarmNet.Manager.Tests.Control;

/// <summary>Services: what is stored, and the refusals as a stock engine was recorded to give them.</summary>
[TestFixture]
public sealed class ServiceControlTests
{
    private ControlFixture _fixture = null!;

    [SetUp]
    public async Task SetUp()
    {
        _fixture = new ControlFixture();
        await _fixture.CreateBasics();
    }

    [TearDown]
    public async Task TearDown() => await _fixture.DisposeAsync();

    private static IEnumerable<TestCaseData> BadSpecs()
    {
        const string invalid = "rpc error: code = InvalidArgument desc = ";
        yield return Bad("no name", s => s.Annotations.Name = "", invalid + "meta: name must be provided");
        yield return Bad("bad name", s => s.Annotations.Name = "a b!", invalid + "name must be valid as a DNS name component");
        yield return Bad("name with a line end", s => s.Annotations.Name = "a\n", invalid + "name must be valid as a DNS name component");
        yield return Bad("long name", s => s.Annotations.Name = new string('a', 64), invalid + "name must be 63 characters or fewer");
        yield return Bad("no runtime", s => s.Task.ClearRuntime(), invalid + "TaskSpec: missing runtime");
        yield return Bad("plugin", s => s.Task.Generic = new GenericRuntimeSpec { Kind = "plugin" },
            "rpc error: code = Unimplemented desc = RuntimeSpec: unimplemented runtime in service spec");
        yield return Bad("no image", s => s.Task.Container.Image = "", invalid + "ContainerSpec: image reference must be provided");
        yield return Bad("bad image", s => s.Task.Container.Image = "UPPER CASE", invalid + "ContainerSpec: \"UPPER CASE\" is not a valid repository/tag");
        yield return Bad("cpu", s => s.Task.Resources = new ResourceRequirements { Limits = new Resources { NanoCpus = 5 } },
            invalid + "invalid cpu value 5e-09: Must be at least 0.001");
        yield return Bad("memory", s => s.Task.Resources = new ResourceRequirements { Reservations = new Resources { MemoryBytes = 5 } },
            invalid + "invalid memory value 5: Must be at least 4MiB");
        yield return Bad("restart delay", s => s.Task.Restart = new RestartPolicy { Delay = Duration.FromTimeSpan(TimeSpan.FromSeconds(-1)) },
            invalid + "TaskSpec: restart-delay cannot be negative");
        yield return Bad("restart window", s => s.Task.Restart = new RestartPolicy { Window = new Duration { Nanos = -5 } },
            invalid + "TaskSpec: restart-window cannot be negative");
        yield return Bad("update delay", s => s.Update = new UpdateConfig { Delay = new Duration { Nanos = -5 } },
            invalid + "TaskSpec: update-delay cannot be negative");
        yield return Bad("update monitor", s => s.Update = new UpdateConfig { Monitor = new Duration { Nanos = -5 } },
            invalid + "TaskSpec: update-monitor cannot be negative");
        yield return Bad("update ratio", s => s.Update = new UpdateConfig { MaxFailureRatio = float.NaN },
            invalid + "TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1");
        yield return Bad("no operator", s => s.Task.Placement = new Placement { Constraints = { "frob" } },
            "rpc error: code = Unknown desc = constraint expected one operator from ==, !=");
        yield return Bad("constraint key", s => s.Task.Placement = new Placement { Constraints = { "1x==1" } },
            "rpc error: code = Unknown desc = key '1x' is invalid");
        yield return Bad("dup mount", s => s.Task.Container.Mounts.AddRange([new Mount { Target = "/a" }, new Mount { Target = "/a" }]),
            invalid + "ContainerSpec: duplicate mount point: /a");
        yield return Bad("health", s => s.Task.Container.Healthcheck = new HealthConfig { Timeout = new Duration { Nanos = 5 } },
            invalid + "ContainerSpec: Timeout in HealthConfig cannot be less than 1ms");
        yield return Bad("retries", s => s.Task.Container.Healthcheck = new HealthConfig { Retries = -1 },
            invalid + "ContainerSpec: Retries in HealthConfig cannot be negative");
        yield return Bad("template", s => s.Task.Container.Env.Add("A={{.Frob}}"),
            invalid + "expanding env failed: expanding env \"A={{.Frob}}\": template: expansion:1:2: executing \"expansion\" at <.Frob>: can't evaluate field Frob in type *template.Context");
        yield return Bad("dnsrr and ingress", s => s.Endpoint = new EndpointSpec { Mode = EndpointResolutionMode.Dnsrr, Ports = { Specs.Port(1, 7001) } },
            invalid + "EndpointSpec: port published with ingress mode can't be used with dnsrr mode");
        yield return Bad("dup ports", s => s.Publish(Specs.Port(1, 7000), Specs.Port(2, 7000)), invalid + "EndpointSpec: duplicate published ports provided");
        yield return Bad("negative replicas", s => s.Replicated.Replicas = unchecked((ulong)-1), invalid + "Number of replicas must be non-negative");
        yield return Bad("no mode", s => s.ClearMode(), invalid + "Unrecognized service mode");
        yield return Bad("job with update", s =>
            {
                s.ReplicatedJob = new ReplicatedJob();
                s.Update = new UpdateConfig();
            },
            invalid + "Jobs may not have an update config");
        yield return Bad("ingress by name", s => s.Task.Networks.Add(new NetworkAttachmentConfig { Target = "ingressid" }),
            invalid + "Service cannot be explicitly attached to the ingress network \"ingress\"");
        yield return Bad("no such network", s => s.Task.Networks.Add(new NetworkAttachmentConfig { Target = "nope" }),
            "rpc error: code = NotFound desc = network nope not found");
        yield return Bad("no such secret", s => s.Task.Container.Secrets.Add(Secret("nope", "x")), invalid + "secret not found: nope");
        yield return Bad("no such secrets", s => s.Task.Container.Secrets.AddRange([Secret("a", "x"), Secret("b", "y")]), invalid + "secrets not found: a, b");
        yield return Bad("secret without id", s => s.Task.Container.Secrets.Add(new SecretReference()), invalid + "malformed secret reference");
        yield return Bad("secret without target", s => s.Task.Container.Secrets.Add(new SecretReference { SecretId = "a", SecretName = "a" }),
            invalid + "malformed secret reference, no target provided");
        yield return Bad("secret without file", s => s.Task.Container.Secrets.Add(Secret("a", "")),
            invalid + "malformed file secret reference, invalid target file name provided");
        yield return Bad("one target", s => s.Task.Container.Secrets.AddRange([Secret("a", "f"), Secret("b", "f")]),
            invalid + "secret references 'a' and 'b' have a conflicting target: 'f'");
        yield return Bad("config target", s => s.Task.Container.Configs.Add(new ConfigReference { ConfigId = "a", ConfigName = "a" }),
            invalid + "malformed config reference, no target provided");
    }

    [TestCaseSource(nameof(BadSpecs))]
    public async Task A_bad_specification_is_refused_in_dockers_words(Action<ServiceSpec> spoil, string refusal)
    {
        var spec = Specs.Replicated("e1", 1);
        spoil(spec);
        Assert.That(await RefusalOf(() => _fixture.Control.CreateServiceAsync(spec, default)), Is.EqualTo(refusal));
        Assert.That(_fixture.View.Services.Count, Is.Zero);
    }

    [TestCase("node.frob==1")]
    [TestCase("node.labels.a!=b c*")]
    public async Task A_key_that_nobody_knows_is_accepted(string constraint)
    {
        var spec = Specs.Replicated("e1", 1);
        spec.Task.Placement = new Placement { Constraints = { constraint } };
        Assert.That((await _fixture.Control.CreateServiceAsync(spec, default)).Id, Has.Length.EqualTo(25));
    }

    [TestCase("busybox:1.36")]
    [TestCase("registry.example.com:5000/a/b_c:T.1")]
    [TestCase("localhost/x@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [TestCase("a__b/c--d")]
    public async Task Ordinary_image_references_pass(string image)
    {
        var spec = Specs.Replicated("e1", 1);
        spec.Task.Container.Image = image;
        await _fixture.Control.CreateServiceAsync(spec, default);
    }

    [TestCase("busy box")]
    [TestCase("Upper/x")]
    [TestCase("x:tag:tag")]
    [TestCase("x@sha256:1")]
    [TestCase("-x")]
    public async Task Others_do_not(string image)
    {
        var spec = Specs.Replicated("e1", 1);
        spec.Task.Container.Image = image;
        Assert.That(await RefusalOf(() => _fixture.Control.CreateServiceAsync(spec, default)), Does.EndWith($"ContainerSpec: \"{image}\" is not a valid repository/tag"));
    }

    [Test]
    public async Task More_ports_than_a_nodes_mesh_takes_are_refused_and_what_was_published_stays()
    {
        var wide = Specs.Replicated("wide", 1).Publish([.. Enumerable.Range(10_000, 16_000).Select(port => Specs.Port((uint)port, (uint)port))]);
        await _fixture.Control.CreateServiceAsync(wide, default);
        var more = Specs.Replicated("more", 1).Publish([.. Enumerable.Range(40_000, 400).Select(port => Specs.Port((uint)port, (uint)port))]);
        Assert.That(
            await RefusalOf(() => _fixture.Control.CreateServiceAsync(more, default)),
            Is.EqualTo("rpc error: code = InvalidArgument desc = EndpointSpec: 400 ports cannot be published: the services of a swarm can publish 16384 together, and others have 16000 of them. Publish a narrower range."));
        more.Endpoint.Ports.Clear();
        var few = await _fixture.Control.CreateServiceAsync(more.Publish([.. Enumerable.Range(40_000, 384).Select(port => Specs.Port((uint)port, (uint)port))]), default);
        var again = few.Spec.Clone();
        again.Task.ForceUpdate++;
        await _fixture.Control.UpdateServiceAsync(few.Id, few.Meta.Version.Index, again, RollbackMode.None, default);
        Assert.That(_fixture.View.Services.Count, Is.EqualTo(2));
    }

    [Test]
    public async Task Names_and_ports_are_taken_once()
    {
        var web = await _fixture.Control.CreateServiceAsync(Specs.Replicated("web", 1).Publish(Specs.Port(80, 8000)), default);
        Assert.That(
            await RefusalOf(() => _fixture.Control.CreateServiceAsync(Specs.Replicated("WEB", 1), default)),
            Is.EqualTo("rpc error: code = AlreadyExists desc = name conflicts with an existing object: service WEB already exists"));
        Assert.That(
            await RefusalOf(() => _fixture.Control.CreateServiceAsync(Specs.Replicated("e1", 1).Publish(Specs.Port(1, 8000)), default)),
            Is.EqualTo($"rpc error: code = InvalidArgument desc = port '8000' is already in use by service 'web' ({web.Id}) as an ingress port"));
        Assert.That(
            await RefusalOf(() => _fixture.Control.CreateServiceAsync(Specs.Replicated("e1", 1).Publish(Specs.Port(1, 8000, PublishMode.Host)), default)),
            Does.EndWith("as an ingress port"));
    }

    [Test]
    public async Task A_host_port_conflicts_with_ingress_ports_only()
    {
        await _fixture.Control.CreateServiceAsync(Specs.Replicated("a", 1).Publish(Specs.Port(80, 9000, PublishMode.Host)), default);
        await _fixture.Control.CreateServiceAsync(Specs.Replicated("b", 1).Publish(Specs.Port(80, 9000, PublishMode.Host)), default);
        Assert.That(
            await RefusalOf(() => _fixture.Control.CreateServiceAsync(Specs.Replicated("c", 1).Publish(Specs.Port(80, 9000)), default)),
            Does.EndWith("as a host-published port"));
        await _fixture.Control.CreateServiceAsync(
            Specs.Replicated("d", 1).Publish(new PortConfig { TargetPort = 1, PublishedPort = 9000, Protocol = PortProtocol.Udp }), default);
    }

    [Test]
    public async Task An_ingress_port_needs_an_ingress_network()
    {
        await _fixture.Control.RemoveNetworkAsync("ingressid", default);
        Assert.That(
            await RefusalOf(() => _fixture.Control.CreateServiceAsync(Specs.Replicated("web", 1).Publish(Specs.Port(80, 80)), default)),
            Is.EqualTo("rpc error: code = FailedPrecondition desc = service needs ingress network, but no ingress network is present"));
    }

    [Test]
    public async Task Updating_keeps_the_previous_specification_and_rolling_back_swaps()
    {
        var created = await _fixture.Control.CreateServiceAsync(Specs.Replicated("web", 1), default);
        Assert.That(created.SpecVersion.Index, Is.Zero);
        var v1 = created.Meta.Version.Index;
        var updated = await _fixture.Control.UpdateServiceAsync(created.Id, v1, Specs.Replicated("web", 2), RollbackMode.None, default);
        Assert.That((updated.SpecVersion.Index, updated.PreviousSpecVersion.Index), Is.EqualTo((v1, 0UL)));
        Assert.That((updated.Spec.Replicated.Replicas, updated.PreviousSpec.Replicated.Replicas), Is.EqualTo((2UL, 1UL)));
        Assert.That(updated.UpdateStatus, Is.Null);

        var back = await _fixture.Control.UpdateServiceAsync(created.Id, updated.Meta.Version.Index, updated.Spec, RollbackMode.Previous, default);
        Assert.That((back.Spec.Replicated.Replicas, back.PreviousSpec.Replicated.Replicas), Is.EqualTo((1UL, 2UL)));
        Assert.That((back.UpdateStatus.State, back.UpdateStatus.Message), Is.EqualTo(
            (UpdateStatus.Types.UpdateState.UpdateRollbackStarted, "manually requested rollback")));
    }

    [Test]
    public async Task Updates_that_cannot_be_are_refused()
    {
        var web = await _fixture.Control.CreateServiceAsync(Specs.Replicated("web", 1), default);
        var version = web.Meta.Version.Index;
        Assert.That(await Update(web.Id, 99, Specs.Replicated("web", 2)), Is.EqualTo("rpc error: code = Unknown desc = update out of sequence"));
        Assert.That(await Update(web.Id, version, Specs.Global("web")), Is.EqualTo("rpc error: code = Unimplemented desc = service mode change is not allowed"));
        Assert.That(await Update(web.Id, version, Specs.Replicated("web2", 1)), Is.EqualTo("rpc error: code = Unimplemented desc = renaming services is not supported"));
        Assert.That(await Update("nope", version, Specs.Replicated("web", 1)), Is.EqualTo("rpc error: code = NotFound desc = service nope not found"));
        Assert.That(
            await Update(web.Id, version, web.Spec, RollbackMode.Previous),
            Is.EqualTo($"rpc error: code = FailedPrecondition desc = service {web.Id} does not have a previous spec"));
    }

    [Test]
    public async Task Every_update_of_a_job_runs_it_again()
    {
        var job = await _fixture.Control.CreateServiceAsync(Specs.Job("job", 1, 1), default);
        Assert.That(job.JobStatus.JobIteration.Index, Is.Zero);
        var again = await _fixture.Control.UpdateServiceAsync(job.Id, job.Meta.Version.Index, job.Spec, RollbackMode.None, default);
        Assert.That(again.JobStatus.JobIteration.Index, Is.EqualTo(1));
    }

    [Test]
    public async Task A_removed_service_frees_its_name_and_ports()
    {
        var web = await _fixture.Control.CreateServiceAsync(Specs.Replicated("web", 1).Publish(Specs.Port(80, 80)), default);
        Assert.That((await _fixture.Control.RemoveServiceAsync(web.Id, default)).Id, Is.EqualTo(web.Id));
        Assert.That(await RefusalOf(() => _fixture.Control.RemoveServiceAsync(web.Id, default)), Does.EndWith($"service {web.Id} not found"));
        await _fixture.Control.CreateServiceAsync(Specs.Replicated("web", 1).Publish(Specs.Port(80, 80)), default);
    }

    private Task<string> Update(string id, ulong version, ServiceSpec spec, RollbackMode mode = RollbackMode.None) =>
        RefusalOf(() => _fixture.Control.UpdateServiceAsync(id, version, spec, mode, default));

    private static TestCaseData Bad(string name, Action<ServiceSpec> spoil, string refusal) =>
        new TestCaseData(spoil, refusal).SetArgDisplayNames(name);

    private static SecretReference Secret(string name, string file) =>
        new() { SecretId = name, SecretName = name, File = new FileTarget { Name = file } };
}
