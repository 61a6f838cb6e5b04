using SwarmNet.EngineApi.Tests.Support;

namespace SwarmNet.EngineApi.Tests.Server;

/// <summary>The stock <c>docker</c> command against this server.</summary>
[TestFixture]
[Category("Peers")]
internal sealed class DockerCliTests
{
    private TestEngine engine = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Assume.That(DockerCommand.IsThere, "needs the docker command");
        engine = await TestEngine.StartRecordedAsync(options => options with { Logs = () => new FakeLogs() });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (engine is not null)
        {
            await engine.DisposeAsync();
        }
    }

    [Test]
    public async Task Info_shows_the_swarm()
    {
        var output = await DockerAsync("info");
        Assert.That(output, Does.Contain("Swarm: active").And.Contain("NodeID: l913u9yfotbcid7ufifhbcebk").And.Contain("Is Manager: true"));
        Assert.That(output, Does.Contain("Managers: 1").And.Contain("Nodes: 3").And.Contain("Heartbeat Tick: 1").And.Contain("Node Address: 10.200.0.1"));
    }

    [Test]
    public async Task Version_shows_the_negotiated_api() => Assert.That(await DockerAsync("version"), Does.Contain("1.47 (minimum version 1.24)"));

    [Test]
    public async Task Nodes_are_listed() =>
        Assert.That((await DockerAsync("node", "ls")).Split('\n'), Has.Some.Match("^l913u9yfotbcid7ufifhbcebk \\* +node1 +Ready +Active +Leader"));

    [Test]
    public async Task Services_and_tasks_are_listed()
    {
        Assert.That((await DockerAsync("service", "ls")).Split('\n'), Has.Some.Match("^o2vuq09avk7h +web +replicated +3/3 +busybox:1.35 +\\*:8000->80/tcp"));
        Assert.That(await DockerAsync("service", "ps", "web"), Does.Contain("web.2").And.Contain("Running"));
        Assert.That(await DockerAsync("service", "inspect", "--pretty", "rich"), Does.Contain("Service Mode:").And.Contain("Replicas:"));
        Assert.That(await DockerAsync("node", "ps", "node2"), Does.Contain("web.1"));
    }

    [Test]
    public async Task A_service_lives_from_create_to_remove()
    {
        var id = (await DockerAsync("service", "create", "--detach", "--name", "made", "--replicas", "2", "--network", "net1", "busybox:1.36", "sleep", "60")).Split('\n')[0];
        Assert.That(engine.Store.View.Services.Get(id)!.Spec.Replicated.Replicas, Is.EqualTo(2));
        await DockerAsync("service", "scale", "--detach", "made=5");
        Assert.That(engine.Store.View.Services.Get(id)!.Spec.Replicated.Replicas, Is.EqualTo(5));
        await DockerAsync("service", "update", "--detach", "--env-add", "A=1", "made");
        Assert.That(engine.Store.View.Services.Get(id)!.Spec.Task.Container.Env, Is.EqualTo(new[] { "A=1" }));
        await DockerAsync("service", "rollback", "--detach", "made");
        Assert.That(engine.Store.View.Services.Get(id)!.Spec.Task.Container.Env, Is.Empty);
        await DockerAsync("service", "rm", "made");
        Assert.That(engine.Store.View.Services.Get(id), Is.Null);
    }

    [Test]
    public async Task Networks_secrets_and_configs_live_from_create_to_remove()
    {
        await DockerAsync("network", "create", "-d", "overlay", "--attachable", "made-net");
        Assert.That(await DockerAsync("network", "ls"), Does.Contain("made-net").And.Contain("overlay").And.Contain("swarm"));
        Assert.That(await DockerAsync("network", "inspect", "made-net"), Does.Contain("\"Attachable\": true"));
        await DockerAsync("network", "rm", "made-net");
        Assert.That(engine.Store.View.Networks.FindByName("made-net"), Is.Null);

        var file = Path.Combine(Path.GetDirectoryName(engine.Socket)!, "data");
        await File.WriteAllTextAsync(file, "hush");
        foreach (var kind in new[] { "secret", "config" })
        {
            await DockerAsync(kind, "create", "--label", "a=b", "made", file);
            Assert.That(await DockerAsync(kind, "ls"), Does.Contain("made"));
            Assert.That(await DockerAsync(kind, "inspect", "made"), Does.Contain("\"a\": \"b\""));
            await DockerAsync(kind, "rm", "made");
        }

        Assert.That(engine.Store.View.Secrets.FindByName("made"), Is.Null);
        Assert.That(engine.Store.View.Configs.FindByName("made"), Is.Null);
    }

    [Test]
    public async Task Stacks_are_deployed_and_removed()
    {
        var file = Path.Combine(Path.GetDirectoryName(engine.Socket)!, "stack.yml");
        await File.WriteAllTextAsync(
            file,
            """
            services:
              one: { image: "busybox:1.36", command: ["sleep", "60"], networks: [inner], deploy: { replicas: 2 } }
            networks: { inner: { driver: overlay } }
            """);
        await DockerAsync("stack", "deploy", "--detach=true", "-c", file, "made-stack");
        Assert.That(await DockerAsync("stack", "services", "made-stack"), Does.Contain("made-stack_one"));
        var service = engine.Store.View.Services.FindByName("made-stack_one")!;
        Assert.That(service.Spec.Task.Networks[0].Target, Is.EqualTo(engine.Store.View.Networks.FindByName("made-stack_inner")!.Id));
        await DockerAsync("stack", "rm", "made-stack");
        Assert.That(engine.Store.View.Services.FindByName("made-stack_one"), Is.Null);
        Assert.That(engine.Store.View.Networks.FindByName("made-stack_inner"), Is.Null);
    }

    [Test]
    public async Task Logs_of_a_service_are_shown_with_their_tasks() =>
        Assert.That(await DockerAsync("service", "logs", "--raw", "web"), Does.Contain("out 3"));

    private Task<string> DockerAsync(params string[] arguments) => DockerCommand.RunAsync(engine, null, arguments);
}
