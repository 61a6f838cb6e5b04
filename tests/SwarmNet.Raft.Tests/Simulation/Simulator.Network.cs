using System.Buffers;

namespace SwarmNet.Raft.Tests;

// Messages: late, lost, twice, in another order, one way only, and now and then one from long ago.
internal sealed partial class Simulator
{
    private readonly bool[,] _cut;
    private double _loss;
    private double _duplication;
    private long _latencyMicroseconds = 1000;

    private void Send(SimulatedNode from, in RaftMessage message, List<ulong> unavailable)
    {
        RaftMessage sent = message;
        if (message.Type == RaftMessageType.InstallSnapshot)
        {
            if (LoadPiece(from, message) is not { } piece)
            {
                unavailable.Add(message.To);
                return;
            }

            sent = message with { Snapshot = piece };
        }

        if (message.To >= (ulong)_nodes.Length || _cut[from.Id, message.To] || Chance(_loss))
        {
            return;
        }

        sent = Copy(sent);
        Deliver(sent, Between(_latencyMicroseconds / 2, _latencyMicroseconds * 3));
        if (Chance(_duplication))
        {
            Deliver(sent, Between(_latencyMicroseconds, _latencyMicroseconds * 50));
        }

        if (_faulty && message.Type == RaftMessageType.AppendEntriesResponse && message.To == _lateAnswersTo)
        {
            Deliver(sent, Between(Second / 2, 8 * Second));
        }

        if (_faulty && Chance(0.02))
        {
            Deliver(sent, Between(Second / 10, 20 * Second));
        }
    }

    private void Deliver(RaftMessage message, long delay) => _events.After(delay, () =>
    {
        if (_nodes[message.To] is { } node && !_cut[message.From, message.To])
        {
            Input(node, core => core.Step(message));
        }
    });

    // Entries alias the sender's log: each message needs its own. Some go through the codec.
    private RaftMessage Copy(in RaftMessage message)
    {
        if (_random.Next(8) != 0)
        {
            return message with { Entries = message.Entries.ToArray() };
        }

        ArrayBufferWriter<byte> writer = new();
        RaftMessageCodec.Write(writer, message);
        return RaftMessageCodec.TryParse(writer.WrittenMemory, out RaftMessage parsed)
            ? parsed : throw new SimulationFailure("codec", $"{message} cannot be parsed");
    }

    private RaftSnapshotChunk? LoadPiece(SimulatedNode node, in RaftMessage message)
    {
        if (!node.Outgoing.TryGetValue(message.LogIndex, out RaftSnapshot? snapshot))
        {
            snapshot = node.Disk.Snapshot;
            if (snapshot.Index != message.LogIndex)
            {
                return null;
            }

            node.Outgoing[snapshot.Index] = snapshot;
        }

        if (message.Offset > (ulong)snapshot.Data.Length)
        {
            return null;
        }

        ReadOnlySequence<byte> rest = snapshot.Data.Slice((long)message.Offset);
        int bytes = Pick(16, 64, 1024);
        bool isLast = rest.Length <= bytes;
        ulong late = _options.EdgeMutant == EdgeMutant.SnapshotLabelledLate ? 1ul : 0;
        return new RaftSnapshotChunk(
            snapshot.Index + late, snapshot.Term, snapshot.Membership, message.Offset, isLast ? rest : rest.Slice(0, bytes), isLast);
    }
}
