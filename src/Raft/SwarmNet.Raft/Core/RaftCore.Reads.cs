namespace SwarmNet.Raft;

// Thesis §6.4: linearizable reads without log entries and without leases. No clock is trusted: a node may be stopped at any point for any time.
public sealed partial class RaftCore
{
    private const int MaxPendingReads = 64 << 10;

    private readonly List<PendingRead> _reads = [];
    private readonly List<RaftRead> _readsDone = [];
    private ulong _nextReadId;
    private ulong _readRound;

    // Paper §8: a leader does not know what is committed until it has committed an entry of its own term.
    private bool HasCommittedInTerm => _log.Matches(_log.Committed, _term);

    /// <summary>
    /// Asks for the index that must be applied here before a read: it comes with <see cref="RaftReady.Reads"/>. It may never come (a message or
    /// the leadership was lost): ask again after a while, which gives a new id. False when no leader is known or too many reads wait.
    /// </summary>
    public bool TryReadIndex(out ulong readId)
    {
        ThrowIfReadyOut();
        readId = 0;
        if (LeaderId == 0 || _reads.Count >= MaxPendingReads)
        {
            return false;
        }

        // Never the same id twice: an answer to an earlier question must not pass for one to this (etcd issue 20418).
        readId = ++_nextReadId;
        if (Role == RaftRole.Leader)
        {
            _reads.Add(new PendingRead(readId, NodeId, 0, 0));
        }
        else
        {
            SendNow(new RaftMessage { Type = RaftMessageType.ReadIndex, To = LeaderId, Context = readId });
        }

        return true;
    }

    private void HandleReadIndex(in RaftMessage message)
    {
        if (_reads.Count < MaxPendingReads)
        {
            _reads.Add(new PendingRead(message.Context, message.From, 0, 0));
        }
    }

    private void HandleReadIndexResponse(in RaftMessage message) => _readsDone.Add(new RaftRead(message.Context, message.LogIndex));

    // All reads asked since the last round share one: only answers to heartbeats sent after the read was asked confirm it.
    private void PrepareReads()
    {
        if (_reads.Count == 0)
        {
            return;
        }

        if (_reads[^1].Round == 0 && (HasCommittedInTerm || Is(RaftMutant.ReadBeforeFirstCommit)))
        {
            StartReadRound();
        }

        ulong confirmed = Is(RaftMutant.ReadWithoutQuorum) ? _readRound : Quorum(QuorumValue.ReadRound);
        int count = 0;
        while (count < _reads.Count && _reads[count].Round != 0 && _reads[count].Round <= confirmed)
        {
            PendingRead read = _reads[count++];
            if (read.From == NodeId)
            {
                _readsDone.Add(new RaftRead(read.Id, read.Index));
            }
            else
            {
                SendNow(new RaftMessage { Type = RaftMessageType.ReadIndexResponse, To = read.From, LogIndex = read.Index, Context = read.Id });
            }
        }

        _reads.RemoveRange(0, count);
    }

    private void StartReadRound()
    {
        if (_readRound == 0 || !Is(RaftMutant.ReadRoundReused))
        {
            _readRound++;
        }

        for (int i = _reads.Count - 1; i >= 0 && _reads[i].Round == 0; i--)
        {
            _reads[i] = _reads[i] with { Index = _log.Committed, Round = _readRound };
        }

        SendHeartbeats();
    }

    private readonly record struct PendingRead(ulong Id, ulong From, ulong Index, ulong Round);
}
