using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Raft.Tests;

public class KeyRotationTests
{
    private static readonly byte[] s_old = RandomNumberGenerator.GetBytes(AesGcmTransform.KeyBytes);
    private static readonly byte[] s_new = RandomNumberGenerator.GetBytes(AesGcmTransform.KeyBytes);

    [Test, CancelAfter(60_000)]
    public async Task A_running_node_changes_its_key_and_then_no_file_needs_the_one_before([Values] bool encrypted, CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        byte[][] before = encrypted ? [s_old] : [];
        Dictionary<ulong, string> acknowledged = [];
        await using (RaftNode node = await RaftNode.OpenAsync(Options(folder, before), new RecordingMachine(), cancellationToken))
        {
            await WriteAsync(node, acknowledged, 20);
            await node.AddDataKeyAsync(s_new, cancellationToken);
            await WriteAsync(node, acknowledged, 3);
            Assert.That(KeysIn(folder), Is.EquivalentTo(new[] { IdOf(before), IdOf([s_new]) }));
            await node.DropOlderDataKeysAsync(cancellationToken);
            Assert.That(KeysIn(folder), Is.EqualTo(new[] { IdOf([s_new]) }));
            await WriteAsync(node, acknowledged, 20);
            await node.AddDataKeyAsync(s_new, cancellationToken);
            await node.DropOlderDataKeysAsync(cancellationToken);
            Assert.That(async () => await node.AddDataKeyAsync(new byte[31], cancellationToken), Throws.ArgumentException.With.Message.Contains("32 bytes"));
        }

        Assert.That(async () => await RaftNode.OpenAsync(Options(folder, before), new RecordingMachine(), cancellationToken), Throws.InstanceOf<RaftDataKeyException>());
        RecordingMachine machine = new();
        await using RaftNode again = await RaftNode.OpenAsync(Options(folder, [s_new]), machine, cancellationToken);
        Assert.That(machine.Applied, Is.EquivalentTo(acknowledged));
    }

    [Test, CancelAfter(60_000)]
    public async Task Keys_change_while_clients_write(CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        Dictionary<ulong, string> acknowledged = [];
        byte[] last = s_old;
        await using (RaftNode node = await RaftNode.OpenAsync(Options(folder, [s_old]), new RecordingMachine(), cancellationToken))
        {
            using CancellationTokenSource stop = new();
            Task writing = Task.Run(
                async () =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        await WriteAsync(node, acknowledged, 1);
                    }
                },
                cancellationToken);
            for (int i = 0; i < 5; i++)
            {
                last = RandomNumberGenerator.GetBytes(AesGcmTransform.KeyBytes);
                await node.AddDataKeyAsync(last, cancellationToken);
                await node.DropOlderDataKeysAsync(cancellationToken);
            }

            await stop.CancelAsync();
            await writing;
        }

        RecordingMachine machine = new();
        await using RaftNode again = await RaftNode.OpenAsync(Options(folder, [last]), machine, cancellationToken);
        Assert.That(machine.Applied, Is.EquivalentTo(acknowledged));
    }

    [Test(Description = "The disk fails at the n-th fsync of a rotation, for every n: what is there then is what a crash there would leave."), CancelAfter(120_000)]
    public async Task A_rotation_that_is_cut_short_anywhere_loses_nothing_and_can_be_finished(CancellationToken cancellationToken)
    {
        int interrupted = 0;
        bool finished = false;
        for (int step = 1; !finished; step++)
        {
            using TempFolder folder = new();
            Dictionary<ulong, string> acknowledged = [];
            int left = int.MaxValue;
            await using (RaftNode node = await RaftNode.OpenAsync(Options(folder, [s_old], file => Flush(file, ref left)), new RecordingMachine(), cancellationToken))
            {
                await WriteAsync(node, acknowledged, 20);
                await node.TakeSnapshotAsync(cancellationToken);
                await WriteAsync(node, acknowledged, 1);
                left = step;
                try
                {
                    await node.AddDataKeyAsync(s_new, cancellationToken);
                    await WriteAsync(node, acknowledged, 1);
                    await node.DropOlderDataKeysAsync(cancellationToken);
                    finished = true;
                }
                catch (RaftProposalLostException)
                {
                    interrupted++;
                }
            }

            RecordingMachine machine = new();
            await using (RaftNode node = await RaftNode.OpenAsync(Options(folder, [s_new, s_old]), machine, cancellationToken))
            {
                Assert.That(acknowledged.Except(machine.Applied), Is.Empty, $"cut short at fsync {step}");
                await WriteAsync(node, acknowledged, 1);
                await node.DropOlderDataKeysAsync(cancellationToken);
            }

            RecordingMachine last = new();
            await using RaftNode again = await RaftNode.OpenAsync(Options(folder, [s_new]), last, cancellationToken);
            Assert.That(acknowledged.Except(last.Applied), Is.Empty, $"finished after fsync {step}");
        }

        // The new segment's header and first record, the write in between, the snapshot.
        Assert.That(interrupted, Is.GreaterThanOrEqualTo(4));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_member_alone_keeps_the_older_key_until_a_majority_has_committed_what_it_wrote(CancellationToken cancellationToken)
    {
        await using NodeCluster cluster = new(cancellationToken);
        ulong[] voters = [1, 2, 3];
        RaftNodeOptions OptionsOf(ulong id) => Options(cluster.FolderOf(id), [s_old], id: id, voters: voters, network: cluster.Network);
        // The first two are committed, so a majority has them: without the second member the other two could elect each other and begin anew.
        await WriteLogAsync(1, new HardState(1, 1, 2), [Entry(1), Entry(2), Entry(3)]);
        await WriteLogAsync(2, new HardState(1, 1, 2), [Entry(1), Entry(2)]);
        async Task WriteLogAsync(ulong id, HardState state, LogEntry[] entries)
        {
            await (await RaftNode.OpenAsync(OptionsOf(id), new RecordingMachine(), cancellationToken)).DisposeAsync();
            using PayloadTransforms transforms = new([s_old]);
            using WriteAheadLog log = WriteAheadLog.Open(
                new WriteAheadLogOptions { Folder = Path.Combine(cluster.FolderOf(id), "log"), NodeId = id, Transforms = transforms }, 0, 0, out _);
            log.Append(state, entries);
        }

        RaftNode node = await cluster.StartAsync(1, OptionsOf(1));
        await node.AddDataKeyAsync(s_new, cancellationToken);
        Task drop = node.DropOlderDataKeysAsync(cancellationToken).AsTask();
        Assert.That(await node.TakeSnapshotAsync(cancellationToken), Is.EqualTo(2));
        Assert.That(drop.IsCompleted, Is.False, "the snapshot cannot have the third entry");
        Assert.That(KeysIn(cluster.FolderOf(1)), Does.Contain(IdOf([s_old])));
        await cluster.StartAsync(2, OptionsOf(2));
        await cluster.StartAsync(3, OptionsOf(3));
        await drop;
        Assert.That(KeysIn(cluster.FolderOf(1)), Is.EqualTo(new[] { IdOf([s_new]) }));
        foreach (ulong id in new ulong[] { 2, 3 })
        {
            await cluster.Nodes[id].AddDataKeyAsync(s_new, cancellationToken);
            await cluster.WriteAsync("more");
            await cluster.Nodes[id].DropOlderDataKeysAsync(cancellationToken);
            Assert.That(KeysIn(cluster.FolderOf(id)), Is.EqualTo(new[] { IdOf([s_new]) }));
        }
    }

    private static LogEntry Entry(ulong index) => new(1, index, EntryType.Command, Encoding.UTF8.GetBytes($"entry {index}"));

    private static async Task WriteAsync(RaftNode node, Dictionary<ulong, string> acknowledged, int count)
    {
        for (int i = 0; i < count; i++)
        {
            string text = $"command {acknowledged.Count}";
            acknowledged.Add(await node.ProposeAsync(Encoding.UTF8.GetBytes(text)), text);
        }
    }

    private static void Flush(SafeFileHandle file, ref int left)
    {
        if (left != int.MaxValue && Interlocked.Decrement(ref left) <= 0)
        {
            throw new IOException("Input/output error");
        }

        RandomAccess.FlushToDisk(file);
    }

    // Both headers have it at byte 12. Files may come and go.
    private static uint[] KeysIn(string folder)
    {
        HashSet<uint> keys = [];
        foreach (string path in Directory.GetFiles(Path.Combine(folder, "log")).Concat(Directory.GetFiles(Path.Combine(folder, "snapshots"), "*.snap")))
        {
            try
            {
                byte[] file = File.ReadAllBytes(path);
                if (file.Length >= SegmentHeader.Bytes)
                {
                    keys.Add(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(12)));
                }
            }
            catch (FileNotFoundException)
            {
                // A snapshot has made it needless.
            }
        }

        return [.. keys];
    }

    private static uint IdOf(byte[][] keys) => new PayloadTransforms([.. keys.Select(static key => (ReadOnlyMemory<byte>)key)]).Current.Id;

    private static RaftNodeOptions Options(
        string folder, byte[][] keys, Action<SafeFileHandle>? flush = null, ulong id = 7, ulong[]? voters = null, InMemoryNetwork? network = null) => new()
        {
            Directory = folder,
            NodeId = id,
            Voters = voters ?? [],
            Bootstrap = true,
            Transport = network,
            Seed = (int)id,
            TickInterval = TimeSpan.FromMilliseconds(20),
            SnapshotEntries = 8,
            SegmentBytes = 1024,
            DataKeys = [.. keys.Select(static key => (ReadOnlyMemory<byte>)key)],
            Flush = flush ?? RandomAccess.FlushToDisk,
        };
}
