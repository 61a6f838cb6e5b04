using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SwarmNet.Raft;

// Opens the folder and proposes "<run>.<n>" from eight writers until it is killed. A line "<index> <command>" says: acknowledged. With a file of keys
// (in hex, the newest first) as third argument it also changes the data key all the time.
string folder = args[0];
string run = args[1];
string? keysFile = args.Length > 2 ? args[2] : null;
List<byte[]> keys = keysFile is not null && File.Exists(keysFile) ? [.. File.ReadAllLines(keysFile).Select(Convert.FromHexString)] : [];
LineMachine machine = new();
await using RaftNode node = await RaftNode.OpenAsync(
    new RaftNodeOptions { Directory = folder, NodeId = 7, Bootstrap = true, SnapshotEntries = 40, SegmentBytes = 4096, DataKeys = [.. keys.Select(static key => (ReadOnlyMemory<byte>)key)] }, machine);
using Stream output = Console.OpenStandardOutput();
Lock outputLock = new();
int next = 0;
await Task.WhenAll([.. Enumerable.Range(0, 8).Select(_ => WriteForEverAsync()), keysFile is null ? Task.CompletedTask : ChangeKeysForEverAsync(keysFile)]);

async Task ChangeKeysForEverAsync(string file)
{
    while (true)
    {
        keys.Insert(0, RandomNumberGenerator.GetBytes(32));
        SaveKeys(file);
        await node.AddDataKeyAsync(keys[0]);
        await Task.Delay(Random.Shared.Next(20));
        await node.DropOlderDataKeysAsync();
        keys.RemoveRange(1, keys.Count - 1);
        SaveKeys(file);
    }
}

void SaveKeys(string file)
{
    File.WriteAllLines(file + ".new", keys.Select(Convert.ToHexString));
    File.Move(file + ".new", file, overwrite: true);
}

async Task WriteForEverAsync()
{
    while (true)
    {
        string command = $"{run}.{Interlocked.Increment(ref next)}";
        ulong index = await node.ProposeAsync(Encoding.ASCII.GetBytes(command));
        byte[] line = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{index} {command}\n"));
        lock (outputLock)
        {
            output.Write(line);
        }
    }
}

/// <summary>Keeps the commands as lines.</summary>
internal sealed class LineMachine : IStateMachine
{
    private readonly List<byte[]> _lines = [];

    public void Apply(ulong index, ReadOnlySpan<byte> command) =>
        _lines.Add([.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{index} ")), .. command, (byte)'\n']);

    public Action<IBufferWriter<byte>> CaptureSnapshot()
    {
        byte[][] lines = [.. _lines];
        return writer => Array.ForEach(lines, line => writer.Write(line));
    }

    public void RestoreSnapshot(ulong index, ReadOnlySequence<byte> snapshot)
    {
        _lines.Clear();
        _lines.Add(snapshot.ToArray());
    }
}
