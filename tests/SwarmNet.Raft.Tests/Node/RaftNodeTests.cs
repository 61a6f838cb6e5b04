using System.Text;

namespace SwarmNet.Raft.Tests;

public class RaftNodeTests
{
    [Test]
    public async Task A_single_voter_leads_as_soon_as_it_is_open()
    {
        using TempFolder folder = new();
        await using RaftNode node = await RaftNode.OpenAsync(Options(folder), new RecordingMachine());
        Assert.That(node.Status, Has.Property(nameof(RaftStatus.Role)).EqualTo(RaftRole.Leader));
        Assert.That(node.Status.LeaderId, Is.EqualTo(7));
        Assert.That(node.Status.Term, Is.EqualTo(1));
    }

    [Test]
    public async Task A_proposal_returns_its_index_after_it_is_applied_and_survives_a_restart()
    {
        using TempFolder folder = new();
        Dictionary<ulong, string> acknowledged = [];
        for (int start = 0; start < 3; start++)
        {
            RecordingMachine machine = new();
            await using RaftNode node = await RaftNode.OpenAsync(Options(folder), machine);
            Assert.That(machine.Applied, Is.EquivalentTo(acknowledged));
            for (int i = 0; i < 5; i++)
            {
                ulong index = await node.ProposeAsync(Encoding.UTF8.GetBytes($"{start}.{i}"));
                Assert.That(machine.Applied[index], Is.EqualTo($"{start}.{i}"));
                Assert.That(acknowledged.TryAdd(index, $"{start}.{i}"), "an index was used twice");
            }
        }
    }

    [Test]
    public async Task A_proposal_of_another_term_is_refused_and_not_appended()
    {
        using TempFolder folder = new();
        RecordingMachine machine = new();
        await using RaftNode node = await RaftNode.OpenAsync(Options(folder), machine);
        ulong term = node.Status.Term;
        Assert.That(async () => await node.ProposeAsync("old"u8.ToArray(), term + 1), Throws.InstanceOf<RaftNotLeaderException>());
        ulong index = await node.ProposeAsync("new"u8.ToArray(), term);
        Assert.That(machine.Applied, Is.EquivalentTo(new Dictionary<ulong, string> { [index] = "new" }));
    }

    [Test]
    public async Task Concurrent_proposals_all_commit_once_each_and_in_log_order()
    {
        using TempFolder folder = new();
        RecordingMachine machine = new();
        await using RaftNode node = await RaftNode.OpenAsync(Options(folder), machine);
        ulong[] indices = await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => node.ProposeAsync(Encoding.UTF8.GetBytes($"{i}")).AsTask()));
        Assert.That(indices, Is.Unique);
        IReadOnlyDictionary<ulong, string> applied = machine.Applied;
        Assert.That(indices.Select((index, i) => applied[index] == $"{i}"), Is.All.True);
    }

    [Test]
    public async Task Snapshots_bound_the_log_and_a_restart_restores_from_the_newest()
    {
        using TempFolder folder = new();
        Dictionary<ulong, string> acknowledged = [];
        string command = new('x', 100);
        await using (RaftNode node = await RaftNode.OpenAsync(Options(folder, snapshotEntries: 50, segmentBytes: 4096), new RecordingMachine()))
        {
            for (int i = 0; i < 500; i++)
            {
                acknowledged.Add(await node.ProposeAsync(Encoding.UTF8.GetBytes(command)), command);
            }
        }

        Assert.That(Directory.GetFiles(folder.Of("snapshots")), Has.Length.EqualTo(2));
        Assert.That(Directory.GetFiles(folder.Of("log")), Has.Length.LessThan(8));
        RecordingMachine machine = new();
        await using RaftNode again = await RaftNode.OpenAsync(Options(folder), machine);
        Assert.That(machine.Restores, Is.EqualTo(1));
        Assert.That(machine.Applied, Is.EquivalentTo(acknowledged));
        Assert.That(await again.ProposeAsync("next"u8.ToArray()), Is.GreaterThan(acknowledged.Keys.Max()));
    }

    [Test, CancelAfter(30_000)]
    public async Task Snapshots_follow_a_changed_interval_at_once_and_are_taken_on_request(CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        await using RaftNode node = await RaftNode.OpenAsync(Options(folder, snapshotEntries: 0), new RecordingMachine(), cancellationToken);
        Assert.That(await node.TakeSnapshotAsync(cancellationToken), Is.EqualTo(1), "the leader's blank entry");
        ulong index = 0;
        for (int i = 0; i < 20; i++)
        {
            index = await node.ProposeAsync("x"u8.ToArray(), cancellationToken);
        }

        Assert.That(SnapshotsIn(folder), Is.EqualTo(new ulong[] { 0, 1 }));
        ulong[] asked = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => node.TakeSnapshotAsync(cancellationToken).AsTask()));
        Assert.That(asked, Is.All.EqualTo(index), "they share one");
        Assert.That(await node.TakeSnapshotAsync(cancellationToken), Is.EqualTo(index), "nothing is new");
        Assert.That(SnapshotsIn(folder), Is.EqualTo(new ulong[] { 1, index }));

        index = await node.ProposeAsync("x"u8.ToArray(), cancellationToken);
        Assert.That(SnapshotsIn(folder), Does.Not.Contain(index));
        node.SnapshotEntries = 1;
        Assert.That(() => SnapshotsIn(folder), Does.Contain(index).After(20_000, 5));
        Assert.That(() => node.SnapshotEntries = -1, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(node.SnapshotEntries, Is.EqualTo(1));
    }

    [Test, CancelAfter(30_000)]
    public async Task As_many_snapshots_may_be_damaged_as_old_ones_are_kept(CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        RecordingMachine machine = new();
        await using (RaftNode node = await RaftNode.OpenAsync(Options(folder, snapshotEntries: 0, segmentBytes: 64 << 10, oldSnapshots: 3), machine, cancellationToken))
        {
            Assert.That(() => node.OldSnapshots = 0, Throws.InstanceOf<ArgumentOutOfRangeException>());
            for (int i = 0; i < 8; i++)
            {
                await SnapshotAsync(node, i);
            }

            Assert.That(SnapshotsIn(folder), Has.Length.EqualTo(4));
        }

        foreach (ulong index in SnapshotsIn(folder).Skip(1))
        {
            string path = Path.Combine(folder.Of("snapshots"), $"{index:x16}.snap");
            byte[] bytes = await File.ReadAllBytesAsync(path, cancellationToken);
            bytes[^9] ^= 1;
            await File.WriteAllBytesAsync(path, bytes, cancellationToken);
        }

        RecordingMachine again = new();
        await using RaftNode reopened = await RaftNode.OpenAsync(Options(folder, snapshotEntries: 0), again, cancellationToken);
        Assert.That(again.Applied, Is.EqualTo(machine.Applied), "the oldest one and the log have everything");
        Assert.That(reopened.OldSnapshots, Is.EqualTo(1));
        ulong oldest = SnapshotsIn(folder)[0];
        await SnapshotAsync(reopened, 8);
        Assert.That(SnapshotsIn(folder), Has.Length.EqualTo(2).And.Contain(oldest), "those that are damaged do not count");

        // Larger than a segment together.
        async Task SnapshotAsync(RaftNode node, int text)
        {
            await node.ProposeAsync(System.Text.Encoding.UTF8.GetBytes($"{text}".PadRight(20_000)), cancellationToken);
            await node.TakeSnapshotAsync(cancellationToken);
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task Commands_go_on_while_a_snapshot_is_written_and_are_not_in_it(CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        using ManualResetEventSlim mayWrite = new();
        RecordingMachine machine = new() { OnWriteSnapshot = () => mayWrite.Wait(cancellationToken) };
        await using (RaftNode node = await RaftNode.OpenAsync(Options(folder, snapshotEntries: 0), machine, cancellationToken))
        {
            ulong before = await node.ProposeAsync("before"u8.ToArray(), cancellationToken);
            ValueTask<ulong> snapshot = node.TakeSnapshotAsync(cancellationToken);
            for (int i = 0; i < 100; i++)
            {
                await node.ProposeAsync("during"u8.ToArray(), cancellationToken);
            }

            Assert.That(snapshot.IsCompleted, Is.False);
            mayWrite.Set();
            Assert.That(await snapshot, Is.EqualTo(before));
        }

        RecordingMachine again = new();
        await using RaftNode reopened = await RaftNode.OpenAsync(Options(folder), again, cancellationToken);
        Assert.That((again.Restores, again.Applied.Count), Is.EqualTo((1, 101)));
        Assert.That(again.Applied, Is.EqualTo(machine.Applied), "nothing twice: Apply would throw");
    }

    [Test, CancelAfter(30_000)]
    public async Task A_state_machine_that_cannot_write_its_snapshot_stops_the_node(CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        RecordingMachine machine = new() { OnWriteSnapshot = static () => throw new InvalidOperationException("a broken invariant") };
        await using RaftNode node = await RaftNode.OpenAsync(Options(folder, snapshotEntries: 0), machine, cancellationToken);
        await node.ProposeAsync("x"u8.ToArray(), cancellationToken);
        Assert.That(async () => await node.TakeSnapshotAsync(cancellationToken), Throws.InstanceOf<RaftProposalLostException>().With.Message.Contains("a broken invariant"));
        Assert.That(async () => await node.Completion, Throws.InstanceOf<InvalidOperationException>());
    }

    [Test]
    public async Task Snapshots_that_are_all_damaged_or_a_log_without_any_are_refused_as_damage()
    {
        using TempFolder folder = new();
        await (await RaftNode.OpenAsync(Options(folder), new RecordingMachine())).DisposeAsync();
        string snapshot = Directory.GetFiles(folder.Of("snapshots")).Single();
        byte[] bytes = File.ReadAllBytes(snapshot);
        File.WriteAllBytes(snapshot, bytes[..^1]);
        Assert.That(
            async () => await RaftNode.OpenAsync(Options(folder), new RecordingMachine()),
            Throws.InstanceOf<RaftDamagedException>().With.Message.Contains("None of the 1 snapshots").And.Message.Contains("join its cluster anew"));
        File.Delete(snapshot);
        Assert.That(
            async () => await RaftNode.OpenAsync(Options(folder), new RecordingMachine()),
            Throws.InstanceOf<RaftDamagedException>().With.Message.Contains("has a log but no snapshot"));
        File.WriteAllBytes(snapshot, bytes);
        await (await RaftNode.OpenAsync(Options(folder), new RecordingMachine())).DisposeAsync();
    }

    [Test]
    public async Task A_damaged_newest_snapshot_falls_back_to_the_one_before()
    {
        using TempFolder folder = new();
        Dictionary<ulong, string> acknowledged = [];
        await using (RaftNode node = await RaftNode.OpenAsync(Options(folder, snapshotEntries: 50, segmentBytes: 1024), new RecordingMachine()))
        {
            for (int i = 0; i < 240; i++)
            {
                acknowledged.Add(await node.ProposeAsync(Encoding.UTF8.GetBytes($"{i}")), $"{i}");
            }
        }

        string newest = Directory.GetFiles(folder.Of("snapshots")).Order(StringComparer.Ordinal).Last();
        byte[] bytes = File.ReadAllBytes(newest);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(newest, bytes);
        RecordingMachine machine = new();
        await using RaftNode again = await RaftNode.OpenAsync(Options(folder), machine);
        Assert.That(machine.Applied, Is.EquivalentTo(acknowledged));
    }

    [Test]
    public async Task A_throw_of_the_state_machine_stops_the_node()
    {
        using TempFolder folder = new();
        RecordingMachine machine = new() { OnApply = static _ => throw new InvalidOperationException("boom") };
        await using RaftNode node = await RaftNode.OpenAsync(Options(folder), machine);
        Assert.That(
            async () => await node.ProposeAsync("x"u8.ToArray()),
            Throws.InstanceOf<RaftProposalLostException>().With.Message.Contains("boom"));
        Assert.That(async () => await node.Completion, Throws.InvalidOperationException.With.Message.EqualTo("boom"));
        Assert.That(async () => await node.ProposeAsync("y"u8.ToArray()), Throws.InstanceOf<RaftProposalLostException>());
    }

    [Test]
    public async Task A_folder_is_used_by_one_node_at_a_time()
    {
        using TempFolder folder = new();
        await using RaftNode node = await RaftNode.OpenAsync(Options(folder), new RecordingMachine());
        Assert.That(
            async () => await RaftNode.OpenAsync(Options(folder), new RecordingMachine()),
            Throws.TypeOf<RaftStorageException>().With.Message.Contains("in use by another Raft node"));
    }

    [Test]
    public void An_empty_folder_without_bootstrap_is_refused()
    {
        using TempFolder folder = new();
        RaftNodeOptions options = new() { Directory = folder, NodeId = 7 };
        Assert.That(
            async () => await RaftNode.OpenAsync(options, new RecordingMachine()),
            Throws.InstanceOf<RaftStorageException>().With.Message.Contains("holds no Raft state; open it with Bootstrap to start a new cluster there, or with Join"));
    }

    [Test]
    public async Task A_folder_of_another_node_is_refused()
    {
        using TempFolder folder = new();
        await (await RaftNode.OpenAsync(Options(folder), new RecordingMachine())).DisposeAsync();
        RaftNodeOptions other = new() { Directory = folder, NodeId = 8 };
        Assert.That(
            async () => await RaftNode.OpenAsync(other, new RecordingMachine()),
            Throws.TypeOf<RaftStorageException>().With.Message.Contains("give every node its own folder"));
    }

    [Test]
    public async Task A_log_that_is_gone_is_refused_when_there_is_a_snapshot()
    {
        using TempFolder folder = new();
        await using (RaftNode node = await RaftNode.OpenAsync(Options(folder, snapshotEntries: 5), new RecordingMachine()))
        {
            for (int i = 0; i < 10; i++)
            {
                await node.ProposeAsync("x"u8.ToArray());
            }
        }

        Directory.Delete(folder.Of("log"), recursive: true);
        Assert.That(
            async () => await RaftNode.OpenAsync(Options(folder), new RecordingMachine()),
            Throws.InstanceOf<RaftDamagedException>().With.Message.Contains("votes and newer entries are gone"));
    }

    [Test]
    public async Task Disposing_fails_what_is_on_its_way_and_a_too_large_command_is_refused()
    {
        using TempFolder folder = new();
        RaftNode node = await RaftNode.OpenAsync(Options(folder), new RecordingMachine());
        Assert.That(async () => await node.ProposeAsync(new byte[(8 << 20) + 1]), Throws.ArgumentException.With.Message.Contains("split it"));
        await node.DisposeAsync();
        Assert.That(async () => await node.ProposeAsync("y"u8.ToArray()), Throws.InstanceOf<RaftProposalLostException>());
        Assert.That(node.Completion.IsCompletedSuccessfully);
        Assert.That(node.Status.LeaderId, Is.Zero);
    }

    // A snapshot that is being written aside is none.
    private static ulong[] SnapshotsIn(TempFolder folder) => [.. Directory.GetFiles(folder.Of("snapshots"), "*.snap")
        .Select(path => Convert.ToUInt64(Path.GetFileNameWithoutExtension(path), 16)).Order()];

    internal static RaftNodeOptions Options(string folder, int snapshotEntries = 10_000, int segmentBytes = 16 << 20, int oldSnapshots = 1) => new()
    {
        Directory = folder,
        NodeId = 7,
        Bootstrap = true,
        SnapshotEntries = snapshotEntries,
        OldSnapshots = oldSnapshots,
        SegmentBytes = segmentBytes,
    };
}
