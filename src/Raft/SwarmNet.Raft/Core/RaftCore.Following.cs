namespace SwarmNet.Raft;

// The follower's side of Raft paper §5.3 (log replication) and §7 (snapshots).
public sealed partial class RaftCore
{
    // The snapshot that is coming in, from whom, and how much of it is there.
    private (ulong From, ulong Index, ulong Term, ulong NextOffset) _incoming;

    private void HandleAppendEntries(in RaftMessage message)
    {
        RaftMessage answer = new() { Type = RaftMessageType.AppendEntriesResponse, To = message.From };
        if (message.LogIndex < _log.Committed)
        {
            Send(answer with { LogIndex = _log.Committed });
            return;
        }

        // Figure 2: "Reply false if log doesn't contain an entry at prevLogIndex whose term matches prevLogTerm".
        if (!_log.Matches(message.LogIndex, message.LogTerm) && !(Is(RaftMutant.NoPreviousEntryCheck) && message.LogIndex <= _log.LastIndex))
        {
            (ulong hintIndex, ulong hintTerm) = _log.FindConflictByTerm(message.LogIndex, message.LogTerm);
            Send(answer with { LogIndex = message.LogIndex, Reject = true, HintIndex = hintIndex, HintTerm = hintTerm });
            return;
        }

        if (!AreSound(message))
        {
            return;
        }

        Merge(message.Entries.Span);
        ulong lastNew = message.LogIndex + (ulong)message.Entries.Length;
        if (Is(RaftMutant.AppendTruncatesAlways) && lastNew < _log.LastIndex)
        {
            RemoveFrom(lastNew + 1);
        }

        // Figure 2: "set commitIndex = min(leaderCommit, index of last new entry)".
        _log.CommitTo(Is(RaftMutant.CommitBeyondAppend) ? message.Commit : Math.Min(message.Commit, lastNew));
        Send(answer with { LogIndex = lastNew });
        MembershipMayBeCommitted();
    }

    private static bool AreSound(in RaftMessage message)
    {
        ulong index = message.LogIndex;
        foreach (ref readonly LogEntry entry in message.Entries.Span)
        {
            if (entry.Index != ++index || entry.Term > message.Term
                || (entry.Type == EntryType.Membership && !RaftMembership.TryParse(entry.Data.Span, out _)))
            {
                return false;
            }
        }

        return true;
    }

    // Figure 2, receiver steps 3 and 4: conflicting entries go, new ones are added.
    private void Merge(ReadOnlySpan<LogEntry> entries)
    {
        foreach (ref readonly LogEntry entry in entries)
        {
            if (entry.Index <= _log.OffsetIndex || _log.Matches(entry.Index, entry.Term))
            {
                continue;
            }

            if (entry.Index <= _log.LastIndex)
            {
                if (entry.Index <= _log.Committed)
                {
                    throw new RaftException(
                        $"Entry {entry.Index} of term {entry.Term} conflicts with a committed one (commit index {_log.Committed}); the node stops.");
                }

                RemoveFrom(entry.Index);
            }

            _log.Append(entry);
            if (entry.Type == EntryType.Membership && RaftMembership.TryParse(entry.Data.Span, out RaftMembership membership))
            {
                EnterMembership(entry.Index, membership);
            }
        }
    }

    private void RemoveFrom(ulong index)
    {
        _log.Truncate(index);
        ForgetWritesFrom(index);
        RollBackMemberships(index);
    }

    private void HandleHeartbeat(in RaftMessage message)
    {
        _log.CommitTo(Is(RaftMutant.CommitBeyondMatch) ? Math.Min(message.Commit, _log.LastIndex) : message.Commit);
        MembershipMayBeCommitted();
        SendNow(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, To = message.From, Context = message.Context });
    }

    private void HandleInstallSnapshot(in RaftMessage message)
    {
        if (message.Snapshot is not { } piece)
        {
            return;
        }

        bool force = Is(RaftMutant.SnapshotOverNewerLog);
        RaftMessage answer = new() { Type = RaftMessageType.AppendEntriesResponse, To = message.From };
        if (piece.Index <= _log.Committed && !force)
        {
            Send(answer with { LogIndex = _log.Committed });
            return;
        }

        if (_log.Matches(piece.Index, piece.Term) && !force)
        {
            // §7: the log has it already; the entries will do.
            _log.CommitTo(piece.Index);
            Send(answer with { LogIndex = piece.Index });
            MembershipMayBeCommitted();
            return;
        }

        // One piece per Ready; the leader repeats what is dropped here.
        if (_incomingPiece is not null)
        {
            return;
        }

        if (!TakePiece(message.From, piece))
        {
            Send(answer with
            {
                Type = RaftMessageType.InstallSnapshotResponse,
                LogIndex = piece.Index,
                LogTerm = piece.Term,
                Offset = _incoming.NextOffset,
            });
            return;
        }

        _incoming = default;
        ForgetWritesFrom(1);
        _log.Reset(piece.Index, piece.Term);
        _snapshotIndex = piece.Index;
        _snapshotTerm = piece.Term;
        ResetMemberships(piece);
        Send(answer with { LogIndex = piece.Index });
    }

    // True when the snapshot is complete.
    private bool TakePiece(ulong from, RaftSnapshotChunk piece)
    {
        if (_incoming.From != from || _incoming.Index != piece.Index || _incoming.Term != piece.Term)
        {
            _incoming = (from, piece.Index, piece.Term, 0);
        }

        if (piece.Offset != _incoming.NextOffset && !Is(RaftMutant.SnapshotPieceOutOfOrder))
        {
            return false;
        }

        _incomingPiece = piece;
        _incoming.NextOffset = piece.Offset + (ulong)piece.Data.Length;
        return piece.IsLast;
    }
}
