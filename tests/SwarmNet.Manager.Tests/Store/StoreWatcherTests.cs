using SwarmNet.Manager.Store;
using SwarmNet.Protocol;
using static SwarmNet.Manager.Tests.Store.StoreFixture;

namespace SwarmNet.Manager.Tests.Store;

[TestFixture]
public sealed class StoreWatcherTests
{
    private StoreFixture _fixture = null!;

    [SetUp]
    public void SetUp() => _fixture = new StoreFixture();

    [TearDown]
    public async Task TearDown() => await _fixture.DisposeAsync();

    [Test]
    public async Task Events_follow_the_start_view_without_a_gap()
    {
        await _fixture.Create(Service("s1", "web"));
        using var watcher = _fixture.Store.Watch();
        await _fixture.Store.UpdateAsync(
            t =>
            {
                var service = t.View.Services.Get("s1")!.Clone();
                service.Spec.Annotations.Labels["a"] = "b";
                t.Update(service);
                t.Create(Service("s2", "db"));
            },
            default);
        await _fixture.Store.UpdateAsync(t => t.Remove(t.View.Services.Get("s2")!), default);

        Assert.That(watcher.StartView.Services.Count, Is.EqualTo(1));
        var events = Drain(watcher);
        Assert.That(events.Select(e => e.Kind), Is.EqualTo(new[] { StoreEventKind.Updated, StoreEventKind.Created, StoreEventKind.Removed }));
        Assert.That(((Service)events[0].Before!).Spec.Annotations.Labels, Is.Empty);
        Assert.That(((Service)events[0].After!).Spec.Annotations.Labels, Has.Count.EqualTo(1));
        Assert.That(((Service)events[2].Before!).Id, Is.EqualTo("s2"));
    }

    [Test]
    public async Task A_slow_reader_gets_one_resync_in_place_of_what_was_dropped()
    {
        using var watcher = _fixture.Store.Watch(capacity: 3);
        for (var i = 0; i < 10; i++)
        {
            await _fixture.Create(Service($"s{i}", $"n{i}"));
        }

        var events = Drain(watcher);
        Assert.That(events.Select(e => e.Kind), Is.EqualTo(
            new[] { StoreEventKind.Created, StoreEventKind.Created, StoreEventKind.Created, StoreEventKind.Resync }));

        await _fixture.Create(Service("after", "after"));
        Assert.That(Drain(watcher).Single().Kind, Is.EqualTo(StoreEventKind.Created));
    }

    [Test]
    public async Task A_filter_picks_and_a_restored_snapshot_resyncs_everybody()
    {
        using var watcher = _fixture.Store.Watch(change => change.Subject is Node);
        await _fixture.Create(Service("s1", "web"), new Node { Id = "n1" });
        Assert.That(Drain(watcher).Single().Subject, Is.InstanceOf<Node>());

        _fixture.Store.RestoreSnapshot(9, default);
        Assert.That(Drain(watcher).Single().Kind, Is.EqualTo(StoreEventKind.Resync));
    }

    [Test]
    public async Task Disposal_completes_the_events()
    {
        var mine = _fixture.Store.Watch();
        mine.Dispose();
        Assert.That(await mine.Events.WaitToReadAsync(), Is.False);

        using var other = _fixture.Store.Watch();
        await _fixture.Store.DisposeAsync();
        Assert.That(await other.Events.WaitToReadAsync(), Is.False);
    }

    private static List<StoreEvent> Drain(StoreWatcher watcher)
    {
        List<StoreEvent> events = [];
        while (watcher.Events.TryRead(out var change))
        {
            events.Add(change);
        }

        return events;
    }
}
