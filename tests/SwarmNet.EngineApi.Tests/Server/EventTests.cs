using System.Text.Json;
using SwarmNet.EngineApi.Events;
using SwarmNet.EngineApi.Tests.Support;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Tests.Server;

[TestFixture]
internal sealed class EventTests
{
    [Test]
    public async Task Changes_of_the_store_are_told_as_they_happen()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var path = "http://docker/v1.47/events?filters=" + Uri.EscapeDataString("{\"type\":[\"secret\"]}");
        var response = await engine.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(deadline.Token));
        var line = reader.ReadLineAsync(deadline.Token).AsTask();

        // The pump finds the store a moment after the server starts: create until one is told of.
        for (var i = 0; !line.IsCompleted; i++)
        {
            await engine.SendAsync("POST", "/v1.47/secrets/create", $"{{\"Name\":\"e{i}\",\"Data\":\"eA==\"}}");
            await Task.WhenAny(line, Task.Delay(100, deadline.Token));
        }

        var told = JsonDocument.Parse((await line)!).RootElement;
        Assert.That(told.GetProperty("Type").GetString(), Is.EqualTo("secret"));
        Assert.That(told.GetProperty("Action").GetString(), Is.EqualTo("create"));
        Assert.That(told.GetProperty("scope").GetString(), Is.EqualTo("swarm"));
        Assert.That(told.GetProperty("Actor").GetProperty("Attributes").GetProperty("name").GetString(), Does.StartWith("e"));
    }

    [Test]
    public async Task Recorded_events_are_told_again_with_the_same_bytes()
    {
        var log = new EventLog();
        foreach (var line in GoldenFile.Load("10-events-swarm").Root.GetProperty("body_lines").EnumerateArray())
        {
            var actor = line.GetProperty("Actor");
            var nanos = line.GetProperty("timeNano").GetInt64();
            log.Add(new EngineEvent(
                line.GetProperty("Type").GetString()!,
                line.GetProperty("Action").GetString()!,
                actor.GetProperty("ID").GetString()!,
                actor.GetProperty("Attributes").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!),
                "swarm",
                new() { Seconds = nanos / 1_000_000_000, Nanos = (int)(nanos % 1_000_000_000) }));
        }

        await using var engine = await TestEngine.StartAsync(null, options => options with { Events = log });
        foreach (var name in new[] { "10-events-swarm", "10-events-service" })
        {
            var golden = GoldenFile.Load(name);
            var expected = golden.Root.GetProperty("body_lines").EnumerateArray().Select(GoldenFile.Compact);
            var (status, body, _) = await engine.SendAsync("GET", golden.Path.Replace("until=1795224536", "until=1795224535.9", StringComparison.Ordinal));

            // The end of the recording lies in the future of no clock but may lie in ours: give what is past.
            Assert.That(status, Is.EqualTo(200));
            Assert.That(body.TrimEnd('\n').Split('\n'), Is.EqualTo(expected));
        }
    }

    [Test]
    public void An_update_names_what_changed()
    {
        var before = new Service { Id = "s", Spec = new ServiceSpec { Annotations = new Annotations { Name = "ev" } } };
        before.Spec.Task = new TaskSpec { Container = new ContainerSpec { Image = "busybox:1.35" } };
        before.Spec.Replicated = new ReplicatedService { Replicas = 2 };
        var after = before.Clone();
        after.Spec.Task.Container.Image = "busybox:1.36";
        after.Spec.Replicated.Replicas = 3;
        after.UpdateStatus = new UpdateStatus { State = UpdateStatus.Types.UpdateState.UpdateUpdating };
        var told = SwarmEvents.Of(new StoreEvent(StoreEventKind.Updated, before, after), DateTimeOffset.UnixEpoch)!;
        Assert.That(told.Attributes, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["name"] = "ev",
            ["image.old"] = "busybox:1.35",
            ["image.new"] = "busybox:1.36",
            ["replicas.old"] = "2",
            ["replicas.new"] = "3",
            ["updatestate.new"] = "updating",
        }));
    }

    [Test]
    public void Tasks_and_internal_secrets_are_not_told_of()
    {
        Assert.That(SwarmEvents.Of(new StoreEvent(StoreEventKind.Created, null, new SwarmTask()), DateTimeOffset.UnixEpoch), Is.Null);
        Assert.That(SwarmEvents.Of(new StoreEvent(StoreEventKind.Created, null, new Secret { Internal = true }), DateTimeOffset.UnixEpoch), Is.Null);
        Assert.That(SwarmEvents.Of(new StoreEvent(StoreEventKind.Resync, null, null), DateTimeOffset.UnixEpoch), Is.Null);
    }

    [TestCase("since=frob", 500)]
    [TestCase("since=10&until=5", 400)]
    [TestCase("since=1&until=2", 200)]
    public async Task Times_are_checked(string query, int status)
    {
        await using var engine = await TestEngine.StartAsync();
        Assert.That((await engine.SendAsync("GET", "/v1.47/events?" + query)).Status, Is.EqualTo(status));
    }
}
