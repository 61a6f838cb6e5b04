using System.Buffers;

namespace SwarmNet.Raft;

// Messages to the transport, and snapshots in pieces.
public sealed partial class RaftNode
{
    private const int SnapshotPieceBytes = 1 << 20;

    private readonly List<ulong> _snapshotsToRestart = [];
    private RaftSnapshot? _outgoing;
    private ArrayBufferWriter<byte>? _incoming;

    private void SendAll(IReadOnlyList<RaftMessage> messages)
    {
        if (_options.Transport is not { } transport)
        {
            return;
        }

        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i].Type != RaftMessageType.InstallSnapshot)
            {
                transport.Send(messages[i]);
            }
            else if (LoadPiece(messages[i]) is { } piece)
            {
                transport.Send(messages[i] with { Snapshot = piece });
            }
        }

        if (messages.Count > 0)
        {
            transport.Flush();
        }
    }

    private RaftSnapshotChunk? LoadPiece(in RaftMessage message)
    {
        if (_outgoing?.Index != message.LogIndex)
        {
            _outgoing = _snapshots.LoadNewest([]);
        }

        if (_outgoing is not { } snapshot || snapshot.Index != message.LogIndex || message.Offset > (ulong)snapshot.Data.Length)
        {
            // A newer one has replaced it.
            _snapshotsToRestart.Add(message.To);
            return null;
        }

        ReadOnlySequence<byte> rest = snapshot.Data.Slice((long)message.Offset);
        bool isLast = rest.Length <= SnapshotPieceBytes;
        if (isLast)
        {
            _outgoing = null;
        }

        return new RaftSnapshotChunk(
            snapshot.Index, snapshot.Term, snapshot.Membership, message.Offset, isLast ? rest : rest.Slice(0, SnapshotPieceBytes), isLast);
    }

    private void RestartSnapshots()
    {
        foreach (ulong nodeId in _snapshotsToRestart)
        {
            _core.SnapshotUnavailable(nodeId);
        }

        _snapshotsToRestart.Clear();
    }

    private RaftSnapshot? TakePiece(RaftSnapshotChunk piece)
    {
        if (piece.Offset == 0)
        {
            _incoming = new ArrayBufferWriter<byte>();
        }

        foreach (ReadOnlyMemory<byte> segment in piece.Data)
        {
            _incoming!.Write(segment.Span);
        }

        if (!piece.IsLast)
        {
            return null;
        }

        RaftSnapshot whole = new(piece.Index, piece.Term, piece.Membership, new ReadOnlySequence<byte>(_incoming!.WrittenMemory));
        _incoming = null;
        return whole;
    }
}
