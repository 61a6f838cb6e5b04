using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace SwarmNet.Raft.Tests;

public class RaftSeedTests
{
    [Test]
    public async Task A_seeded_node_leads_alone_with_the_state_and_goes_on_after_it([Values] bool encrypted)
    {
        using TempFolder folder = new();
        RaftNodeOptions options = Options(folder, encrypted ? RandomNumberGenerator.GetBytes(32) : null);
        RecordingMachine source = new();
        source.Apply(41, "before"u8);
        ArrayBufferWriter<byte> state = new();
        source.CaptureSnapshot()(state);
        RaftSeed.Write(options, 41, 6, state.WrittenMemory);
        Dictionary<ulong, string> expected = new() { [41] = "before" };
        for (int start = 0; start < 3; start++)
        {
            RecordingMachine machine = new();
            await using RaftNode node = await RaftNode.OpenAsync(options, machine);
            Assert.That(machine.Applied, Is.EquivalentTo(expected), $"start {start}");
            Assert.That(node.Status.Role, Is.EqualTo(RaftRole.Leader));
            Assert.That(node.Status.Term, Is.EqualTo(7 + start));
            Assert.That(node.Status.Membership.Voters, Is.EqualTo(new ulong[] { 9 }));
            ulong index = await node.ProposeAsync(Encoding.UTF8.GetBytes($"after {start}"));
            Assert.That(index, Is.EqualTo(43 + (2 * start)), "each leader's first entry is its own");
            expected.Add(index, $"after {start}");
        }
    }

    [Test]
    public async Task Snapshots_of_a_seeded_node_replace_the_seed()
    {
        using TempFolder folder = new();
        RaftNodeOptions options = Options(folder, null);
        RaftSeed.Write(options, 41, 6, StateOf("before"));
        await using (RaftNode node = await RaftNode.OpenAsync(options, new RecordingMachine()))
        {
            await node.ProposeAsync("after"u8.ToArray());
            await node.TakeSnapshotAsync();
            await node.ProposeAsync("last"u8.ToArray());
            await node.TakeSnapshotAsync();
        }

        RecordingMachine machine = new();
        await using RaftNode again = await RaftNode.OpenAsync(options, machine);
        Assert.That(machine.Applied.Values, Is.EquivalentTo(new[] { "before", "after", "last" }));
    }

    [Test]
    public async Task A_folder_with_state_is_refused_and_left_alone()
    {
        using TempFolder folder = new();
        RaftNodeOptions options = Options(folder, null);
        RaftSeed.Write(options, 41, 6, StateOf("first"));
        Assert.That(() => RaftSeed.Write(options, 50, 8, StateOf("second")), Throws.TypeOf<RaftStorageException>().With.Message.Contains("already"));
        RecordingMachine machine = new();
        await using RaftNode node = await RaftNode.OpenAsync(options, machine);
        Assert.That(machine.Applied.Values, Is.EqualTo(new[] { "first" }));
    }

    [Test]
    public void A_seed_without_its_snapshot_does_not_start_as_if_it_were_empty()
    {
        using TempFolder folder = new();
        RaftNodeOptions options = Options(folder, null);
        RaftSeed.Write(options, 41, 6, StateOf("first"));
        Directory.Delete(Path.Combine(folder, "snapshots"), recursive: true);
        Assert.That(async () => await RaftNode.OpenAsync(options, new RecordingMachine()), Throws.InstanceOf<RaftDamagedException>());
    }

    private static ReadOnlyMemory<byte> StateOf(string command)
    {
        RecordingMachine machine = new();
        machine.Apply(41, Encoding.UTF8.GetBytes(command));
        ArrayBufferWriter<byte> state = new();
        machine.CaptureSnapshot()(state);
        return state.WrittenMemory;
    }

    private static RaftNodeOptions Options(string folder, byte[]? key) => new() { Directory = folder, NodeId = 9, DataKeys = key is null ? [] : [key] };
}
