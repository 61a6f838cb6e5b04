using System.Diagnostics.CodeAnalysis;

namespace SwarmNet.Raft;

// What is handed to the edge, and what the edge says of it.
public sealed partial class RaftCore
{
    private readonly RaftReady _ready = new();
    private readonly List<RaftMessage> _outbox = [];
    private readonly List<RaftMessage> _immediate = [];
    private readonly List<PendingWrite> _writes = [];

    // The hard state of the last write handed out, and of the last one that is durable.
    private HardState _handed;
    private HardState _durable;
    private RaftSnapshotChunk? _incomingPiece;
    private ulong _writeId;
    private bool _readyOut;

    /// <summary>Hands out what is to be done, if anything. The instance is reused.</summary>
    public bool TryGetReady([NotNullWhen(true)] out RaftReady? ready)
    {
        ThrowIfReadyOut();
        ready = null;
        if (Role == RaftRole.Leader)
        {
            PrepareLeaderMessages();
        }

        HardState hardState = new(_term, Is(RaftMutant.VoteNotPersisted) ? 0 : _vote, _log.Committed);
        bool newVote = (hardState.Term != _handed.Term && !Is(RaftMutant.TermNotPersisted)) || hardState.Vote != _handed.Vote;
        bool mustSync = _log.HandedIndex < _log.LastIndex || _incomingPiece is { IsLast: true } || newVote;
        if (!mustSync && _incomingPiece is null && _outbox.Count == 0 && _immediate.Count == 0 && _readsDone.Count == 0
            && _log.Applied >= Math.Min(_log.Committed, _log.StableIndex))
        {
            return false;
        }

        _ready.HardState = Is(RaftMutant.TermNotPersisted) ? hardState with { Term = _handed.Term } : hardState;
        _ready.MustSync = mustSync;
        _ready.WriteId = mustSync ? ++_writeId : 0;
        _ready.Snapshot = _incomingPiece;
        _ready.EntryList.Clear();
        _log.TakeUnhanded(_ready.EntryList);
        FillMessages();
        _ready.CommittedList.Clear();
        _log.CopyApplicable(_ready.CommittedList, _options.MaxCommittedEntries);
        _ready.ReadList.Clear();
        _ready.ReadList.AddRange(_readsDone);
        _readsDone.Clear();
        _readyOut = true;
        ready = _ready;
        return true;
    }

    /// <summary>Says that everything in the last <see cref="RaftReady"/>, and every write before it, is done and durable.</summary>
    public void Advance()
    {
        AdvanceWriting();
        Persisted(_writeId);
    }

    /// <summary>Says that everything in the last <see cref="RaftReady"/> is done or queued; of its write <see cref="Persisted"/> will tell.</summary>
    public void AdvanceWriting()
    {
        if (!_readyOut)
        {
            throw new InvalidOperationException("Advance without a Ready: call TryGetReady first.");
        }

        _readyOut = false;
        if (_ready.MustSync)
        {
            _handed = _ready.HardState;
            ulong last = _ready.EntryList.Count > 0 ? _ready.EntryList[^1].Index : 0;
            _writes.Add(new PendingWrite(_ready.WriteId, last, _ready.HardState));
        }

        _incomingPiece = null;
        if (_ready.CommittedList.Count > 0)
        {
            _log.AppliedTo(_ready.CommittedList[^1].Index);
        }
    }

    /// <summary>Says that the write <paramref name="writeId"/>, and every one before it, is durable.</summary>
    public void Persisted(ulong writeId)
    {
        ThrowIfReadyOut();
        int count = 0;
        ulong stable = 0;
        while (count < _writes.Count && _writes[count].Id <= writeId)
        {
            stable = Math.Max(stable, _writes[count].LastIndex);
            _durable = _writes[count].HardState;
            count++;
        }

        if (count == 0)
        {
            return;
        }

        _writes.RemoveRange(0, count);
        _log.StableTo(stable);
        if (_durable.Term == _term && _durable.Vote == NodeId)
        {
            CountOwnVote();
        }

        // Thesis §10.2.1: the leader's own acknowledgement counts like a follower's, once its write is durable.
        if (Role == RaftRole.Leader && FindProgress(NodeId) is { } own && own.TryUpdate(_log.StableIndex))
        {
            TryCommit();
        }
    }

    private void FillMessages()
    {
        _ready.ImmediateList.Clear();
        _ready.MessageList.Clear();
        // Nothing may leave in a term, or after a vote, that a crash could undo.
        bool settled = _durable.Term == _term && _durable.Vote == _ready.HardState.Vote;
        (settled || Is(RaftMutant.VoteNotPersisted) || Is(RaftMutant.TermNotPersisted) ? _ready.ImmediateList : _ready.MessageList).AddRange(_immediate);
        _immediate.Clear();
        _ready.MessageList.AddRange(_outbox);
        _outbox.Clear();
    }

    // For after the write.
    private void Send(in RaftMessage message)
    {
        if (Is(RaftMutant.AckBeforeFsync) && message.Type == RaftMessageType.AppendEntriesResponse)
        {
            SendNow(message);
            return;
        }

        _outbox.Add(message with { From = NodeId, Term = _term });
    }

    // Says nothing of this node's disk.
    private void SendNow(in RaftMessage message) => _immediate.Add(message with { From = NodeId, Term = _term });

    // A write that is under way must not make entries stable that came later to the same place.
    private void ForgetWritesFrom(ulong index)
    {
        for (int i = 0; i < _writes.Count; i++)
        {
            if (_writes[i].LastIndex >= index)
            {
                _writes[i] = _writes[i] with { LastIndex = index - 1 };
            }
        }
    }

    private void ThrowIfReadyOut()
    {
        if (_readyOut)
        {
            throw new InvalidOperationException("A Ready is being worked on: call Advance first.");
        }
    }

    private readonly record struct PendingWrite(ulong Id, ulong LastIndex, HardState HardState);
}
