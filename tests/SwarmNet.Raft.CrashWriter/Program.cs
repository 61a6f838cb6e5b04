using System.Buffers;
using System.Globalization;
using System.Text;
using SwarmNet.Raft;

// Opens the folder and proposes "<run>.<n>" from eight writers until it is killed. A line "<index> <command>" says: acknowledged.
string folder = args[0];
string run = args[1];
LineMachine machine = new();
await using RaftNode node = await RaftNode.OpenAsync(
    new RaftNodeOptions { Directory = folder, NodeId = 7, Bootstrap = true, SnapshotEntries = 40, SegmentBytes = 4096 }, machine);
using Stream output = Console.OpenStandardOutput();
Lock outputLock = new();
int next = 0;
await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => WriteForEverAsync()));

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

    public void WriteSnapshot(IBufferWriter<byte> writer) => _lines.ForEach(line => writer.Write(line));

    public void RestoreSnapshot(ulong index, ReadOnlySequence<byte> snapshot)
    {
        _lines.Clear();
        _lines.Add(snapshot.ToArray());
    }
}
