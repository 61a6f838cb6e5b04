using System.Buffers;
using System.Text;

namespace SwarmNet.Raft.Tests;

/// <summary>A node of a script: a core, its disk, and the commands it applied.</summary>
internal sealed class ScriptNode
{
    private const int PieceBytes = 4;

    private readonly List<string> _applied = [];
    private readonly List<LogEntry> _disk = [];
    private readonly ArrayBufferWriter<byte> _incoming = new();
    private RaftSnapshot _snapshot;
    private HardState _hardState;
    private RaftRole _role;

    public ScriptNode(ulong id, RaftMembership membership)
    {
        Id = id;
        _snapshot = new RaftSnapshot(0, 0, membership, default);
        Core = Create();
    }

    public ulong Id { get; }

    public RaftCore Core { get; private set; }

    public static string Describe(LogEntry entry) => $"{entry.Index}/{entry.Term} " + entry.Type switch
    {
        EntryType.Command => Encoding.UTF8.GetString(entry.Data.Span),
        EntryType.Membership => RaftMembership.TryParse(entry.Data.Span, out RaftMembership membership) ? $"<{membership}>" : "?",
        _ => "noop",
    };

    public void Restart()
    {
        _applied.Clear();
        _applied.AddRange(Encoding.UTF8.GetString(_snapshot.Data.ToArray()).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Core = Create();
        _role = RaftRole.Follower;
    }

    public void Compact(int keepEntries)
    {
        Core.TryGetTerm(Core.AppliedIndex, out ulong term);
        _snapshot = new RaftSnapshot(
            Core.AppliedIndex, term, Core.MembershipAt(Core.AppliedIndex), new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(string.Join(' ', _applied))));
        _disk.RemoveAll(entry => entry.Index <= _snapshot.Index);
        Core.SnapshotTaken(Core.AppliedIndex, keepEntries);
    }

    public string Status() =>
        $"{Id}: {Core.Role} term {Core.Term} leader {Core.LeaderId} commit {Core.CommitIndex} last {Core.LastIndex} [{string.Join(' ', _applied)}] {Core.Membership}";

    public List<RaftMessage> Drain(Action<string> say)
    {
        List<RaftMessage> sent = [];
        while (Core.TryGetReady(out RaftReady? ready))
        {
            if (Core.Role != _role)
            {
                _role = Core.Role;
                say($"becomes {_role} in term {Core.Term}");
            }

            if ((ready.HardState.Term, ready.HardState.Vote) != (_hardState.Term, _hardState.Vote))
            {
                say($"writes term {ready.HardState.Term} vote {ready.HardState.Vote}");
            }

            _hardState = ready.MustSync ? ready.HardState : _hardState;
            Persist(ready, say);
            foreach (RaftMessage message in ready.ImmediateMessages.Concat(ready.Messages))
            {
                sent.Add(message with
                {
                    Entries = message.Entries.ToArray(),
                    Snapshot = message.Type == RaftMessageType.InstallSnapshot ? Piece(message.Offset) : null,
                });
            }

            foreach (LogEntry entry in ready.CommittedEntries)
            {
                say($"applies {Describe(entry)}");
                if (entry.Type == EntryType.Command)
                {
                    _applied.Add(Encoding.UTF8.GetString(entry.Data.Span));
                }
            }

            foreach (RaftRead read in ready.Reads)
            {
                say($"may read once {read.Index} is applied");
            }

            Core.Advance();
        }

        if (Core.Role != _role)
        {
            _role = Core.Role;
            say($"becomes {_role} in term {Core.Term}");
        }

        return sent;
    }

    private void Persist(RaftReady ready, Action<string> say)
    {
        if (ready.Snapshot is { } piece)
        {
            if (piece.Offset == 0)
            {
                _incoming.ResetWrittenCount();
            }

            _incoming.Write(piece.Data.ToArray());
            if (piece.IsLast)
            {
                _snapshot = new RaftSnapshot(piece.Index, piece.Term, piece.Membership, new ReadOnlySequence<byte>(_incoming.WrittenSpan.ToArray()));
                _disk.Clear();
                _applied.Clear();
                _applied.AddRange(Encoding.UTF8.GetString(_incoming.WrittenSpan).Split(' ', StringSplitOptions.RemoveEmptyEntries));
                say($"restores the snapshot of {piece.Index}/{piece.Term} [{string.Join(' ', _applied)}]");
            }
        }

        foreach (LogEntry entry in ready.Entries)
        {
            _disk.RemoveAll(old => old.Index >= entry.Index);
            _disk.Add(entry);
            say($"writes {Describe(entry)}");
        }
    }

    private RaftSnapshotChunk Piece(ulong offset)
    {
        ReadOnlySequence<byte> rest = _snapshot.Data.Slice((long)offset);
        bool isLast = rest.Length <= PieceBytes;
        return new RaftSnapshotChunk(_snapshot.Index, _snapshot.Term, _snapshot.Membership, offset, isLast ? rest : rest.Slice(0, PieceBytes), isLast);
    }

    private RaftCore Create() => new(new RaftCoreOptions
    {
        NodeId = Id,
        Membership = _snapshot.Membership,
        Seed = (int)Id,
        HardState = _hardState,
        SnapshotIndex = _snapshot.Index,
        SnapshotTerm = _snapshot.Term,
        Entries = [.. _disk],
    });
}
