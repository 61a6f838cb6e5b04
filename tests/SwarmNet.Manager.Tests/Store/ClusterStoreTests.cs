using System.Buffers;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;
using static SwarmNet.Manager.Tests.Store.StoreFixture;

namespace SwarmNet.Manager.Tests.Store;

[TestFixture]
public sealed class ClusterStoreTests
{
    private StoreFixture _fixture = null!;

    [SetUp]
    public void SetUp() => _fixture = new StoreFixture();

    [TearDown]
    public async Task TearDown() => await _fixture.DisposeAsync();

    [Test]
    public async Task Objects_carry_the_log_index_and_the_leaders_time()
    {
        var created = _fixture.Time.Now;
        await _fixture.Create(Service("s1", "web"), Service("s2", "db"));
        _fixture.Time.Now += TimeSpan.FromSeconds(3);
        await _fixture.Store.UpdateAsync(t => Relabel(t, "s1"), default);

        var service = _fixture.View.Services.Get("s1")!;
        Assert.That(service.Meta.Version.Index, Is.EqualTo(2));
        Assert.That(service.Meta.CreatedAt.ToDateTimeOffset(), Is.EqualTo(created));
        Assert.That(service.Meta.UpdatedAt.ToDateTimeOffset(), Is.EqualTo(created.AddSeconds(3)));
        Assert.That(_fixture.View.Services.Get("s2")!.Meta.Version.Index, Is.EqualTo(1));
        Assert.That(_fixture.View.Index, Is.EqualTo(2));
    }

    [Test]
    public async Task A_stale_update_is_out_of_sequence_and_stores_nothing()
    {
        await _fixture.Create(Service("s1", "web"));
        var stale = _fixture.View.Services.Get("s1")!.Clone();
        await _fixture.Store.UpdateAsync(t => Relabel(t, "s1"), default);

        var error = await Assert.ThrowsAsync<StoreException>(() => _fixture.Store.UpdateAsync(
            t =>
            {
                t.Create(Service("s2", "db"));
                t.Update(stale);
            },
            default));
        Assert.That(error!.Message, Is.EqualTo("update out of sequence"));
        Assert.That(_fixture.View.Services.Get("s2"), Is.Null);
        Assert.That(_fixture.Log.Entries, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Names_are_unique_whatever_their_case_and_free_after_removal()
    {
        await _fixture.Create(Service("s1", "Web"));
        var error = await Assert.ThrowsAsync<StoreException>(() => _fixture.Create(Service("s2", "wEB")));
        Assert.That(error!.Error, Is.EqualTo(StoreError.NameConflict));
        Assert.That(_fixture.View.Services.FindByName("WEB")!.Id, Is.EqualTo("s1"));

        // Another kind may have the name.
        await _fixture.Create(new Secret { Id = "x1", Spec = new SecretSpec { Annotations = new Annotations { Name = "web" } } });
        await _fixture.Store.UpdateAsync(t => t.Remove(t.View.Services.Get("s1")!), default);
        await _fixture.Create(Service("s2", "web"));
        Assert.That(_fixture.View.Services.FindByName("web")!.Id, Is.EqualTo("s2"));
    }

    [Test]
    public async Task Creating_twice_and_changing_what_is_gone_are_refused()
    {
        await _fixture.Create(Service("s1", "web"));
        Assert.That((await Assert.ThrowsAsync<StoreException>(() => _fixture.Create(Service("s1", "other"))))!.Message, Is.EqualTo("object already exists"));
        Assert.That(
            (await Assert.ThrowsAsync<StoreException>(() => _fixture.Store.UpdateAsync(t => t.Update(Service("s9", "x")), default)))!.Message,
            Is.EqualTo("object does not exist"));
        Assert.That(
            (await Assert.ThrowsAsync<StoreException>(() => _fixture.Store.UpdateAsync(t => t.Remove(Service("s9", "x")), default)))!.Error,
            Is.EqualTo(StoreError.NotFound));
    }

    [Test]
    public async Task An_object_of_the_store_cannot_be_stored_without_cloning()
    {
        await _fixture.Create(Service("s1", "web"));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _fixture.Store.UpdateAsync(t => t.Update(t.View.Services.Get("s1")!), default));
    }

    [Test]
    public async Task The_objects_that_a_caller_kept_are_not_those_of_the_store()
    {
        var mine = Service("s1", "web");
        await _fixture.Create(mine);
        mine.Spec.Annotations.Name = "changed";
        Assert.That(_fixture.View.Services.Get("s1")!.Spec.Annotations.Name, Is.EqualTo("web"));
    }

    [Test]
    public async Task Tasks_are_found_by_service_node_and_slot()
    {
        await _fixture.Create(Task("t1", "s1", 1, "n1"), Task("t2", "s1", 2, "n2"), Task("t3", "s2", 1, "n1"), Task("t4", "s3", 0, "n1"));
        await _fixture.Store.UpdateAsync(
            t =>
            {
                var moved = t.View.Tasks.Get("t2")!.Clone();
                moved.NodeId = "n1";
                t.Update(moved);
                t.Remove(t.View.Tasks.Get("t3")!);
            },
            default);

        var view = _fixture.View;
        Assert.That(view.TasksOfService("s1").Select(t => t.Id), Is.EqualTo(new[] { "t1", "t2" }));
        Assert.That(view.TasksOfNode("n1").Select(t => t.Id), Is.EqualTo(new[] { "t1", "t2", "t4" }));
        Assert.That(view.TasksOfNode("n2"), Is.Empty);
        Assert.That(view.TasksOfSlot(new SlotKey("s1", 2, string.Empty)).Single().Id, Is.EqualTo("t2"));
        Assert.That(view.TasksOfSlot(new SlotKey("s3", 0, "n1")).Single().Id, Is.EqualTo("t4"));
        Assert.That(view.TasksOfService("s2"), Is.Empty);
    }

    [Test]
    public async Task Changes_that_wait_share_an_entry_and_each_is_all_or_nothing()
    {
        var gate = new TaskCompletionSource();
        _fixture.Log.BeforeAppend = () => gate.Task;
        var first = _fixture.Create(Service("s0", "first"));
        var others = Enumerable.Range(1, 10).Select(i => _fixture.Create(Service($"s{i}", $"n{i}"), Service($"d{i}", i == 5 ? "n1" : $"d{i}"))).ToList();
        gate.SetResult();
        await first;
        await Task.WhenAll(others.Where((_, i) => i != 4));

        await Assert.ThrowsAsync<StoreException>(() => others[4]);
        Assert.That(_fixture.View.Services.Count, Is.EqualTo(19));
        Assert.That(_fixture.View.Services.Get("s5"), Is.Null);
        Assert.That(_fixture.Log.Entries, Has.Count.LessThanOrEqualTo(3));
    }

    [Test]
    public async Task Two_updates_of_one_version_in_one_entry_do_not_both_pass()
    {
        await _fixture.Create(Service("s1", "web"));
        var version = _fixture.View.Services.Get("s1")!;
        var gate = new TaskCompletionSource();
        _fixture.Log.BeforeAppend = () => gate.Task;
        var blocker = _fixture.Create(Service("s2", "x"));
        var results = new[] { 1, 2 }.Select(_ => _fixture.Store.UpdateAsync(t => t.Update(version.Clone()), default)).ToList();
        gate.SetResult();
        await blocker;
        await results[0];
        Assert.That((await Assert.ThrowsAsync<StoreException>(() => results[1]))!.Error, Is.EqualTo(StoreError.OutOfSequence));
    }

    [Test]
    public async Task Too_much_for_one_entry_is_refused_and_the_batch_helper_splits_it()
    {
        var many = Enumerable.Range(0, 500).Select(i => Service($"s{i}", $"n{i}")).ToArray();
        Assert.That(
            (await Assert.ThrowsAsync<StoreException>(() => _fixture.Create([.. many.Take(201)])))!.Message,
            Is.EqualTo("raft: raft message is too large and can't be sent"));
        Assert.That(_fixture.View.Services.Count, Is.Zero);

        await _fixture.Store.UpdateBatchAsync(many, (t, service) => t.Create(service), default);
        Assert.That(_fixture.View.Services.Count, Is.EqualTo(500));
        Assert.That(_fixture.Log.Entries, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Big_objects_count_by_their_bytes()
    {
        var big = new Config { Id = "c1", Spec = new ConfigSpec { Annotations = new Annotations { Name = "big" }, Data = Google.Protobuf.ByteString.CopyFrom(new byte[1_600_000]) } };
        Assert.That((await Assert.ThrowsAsync<StoreException>(() => _fixture.Create(big)))!.Error, Is.EqualTo(StoreError.TooLarge));
    }

    [Test]
    public async Task A_change_that_asks_for_nothing_costs_no_entry()
    {
        Assert.That(await _fixture.Store.UpdateAsync(_ => 42, default), Is.EqualTo(42));
        Assert.That(_fixture.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task A_failed_proposal_tells_its_callers_and_the_store_goes_on()
    {
        _fixture.Log.BeforeAppend = () => throw new IOException("disk");
        var error = await Assert.ThrowsAsync<StoreException>(() => _fixture.Create(Service("s1", "web")));
        Assert.That(error!.Error, Is.EqualTo(StoreError.NotLeader));
        _fixture.Log.BeforeAppend = null;
        await _fixture.Create(Service("s1", "web"));
        Assert.That(_fixture.View.Services.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task After_disposal_writing_is_refused()
    {
        await _fixture.Store.DisposeAsync();
        Assert.That((await Assert.ThrowsAsync<StoreException>(() => _fixture.Create(Service("s1", "x"))))!.Error, Is.EqualTo(StoreError.NotLeader));
    }

    [Test]
    public async Task Replay_and_snapshot_give_the_same_store()
    {
        await _fixture.Create(Service("s1", "web"), Task("t1", "s1", 1, "n1"), new Node { Id = "n1" });
        await _fixture.Store.UpdateAsync(t => Relabel(t, "s1"), default);
        await _fixture.Create(new Network { Id = "w1", Spec = new NetworkSpec { Annotations = new Annotations { Name = "net" } } });

        var replayed = new ClusterStore(_fixture.Time);
        for (var i = 0; i < _fixture.Log.Entries.Count; i++)
        {
            replayed.Apply((ulong)i + 1, _fixture.Log.Entries[i]);
        }

        var buffer = new ArrayBufferWriter<byte>();
        var write = _fixture.Store.CaptureSnapshot();
        await _fixture.Create(new Network { Id = "w2", Spec = new NetworkSpec { Annotations = new Annotations { Name = "later" } } });
        write(buffer);
        var restored = new ClusterStore(_fixture.Time);
        restored.RestoreSnapshot(3, new ReadOnlySequence<byte>(buffer.WrittenMemory));

        foreach (var other in new[] { replayed.View, restored.View })
        {
            Assert.That(other.Index, Is.EqualTo(3));
            Assert.That(other.Services.All, Is.EqualTo(_fixture.View.Services.All));
            Assert.That(other.Tasks.All, Is.EqualTo(_fixture.View.Tasks.All));
            Assert.That(other.Nodes.All, Is.EqualTo(_fixture.View.Nodes.All));
            Assert.That(other.Networks.FindByName("NET")!.Id, Is.EqualTo("w1"));
            Assert.That(other.TasksOfNode("n1").Single().Id, Is.EqualTo("t1"));
        }
    }

    private static void Relabel(StoreTransaction transaction, string id)
    {
        var service = transaction.View.Services.Get(id)!.Clone();
        service.Spec.Annotations.Labels["at"] = transaction.Now.ToString();
        transaction.Update(service);
    }
}
