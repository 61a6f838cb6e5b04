namespace SwarmNet.Raft;

// Raft paper §5.3 (log replication), §5.4.2 (committing entries), §7 (snapshots).
public sealed partial class RaftCore
{
    private ulong AppendOwn(EntryType type, ReadOnlyMemory<byte> data)
    {
        ulong index = _log.LastIndex + 1;
        _log.Append(new LogEntry(_term, index, type, data));
        return index;
    }

    private Progress? FindProgress(ulong id)
    {
        foreach (Progress progress in _progress)
        {
            if (progress.Id == id)
            {
                return progress;
            }
        }

        return null;
    }

    private void TickLeader()
    {
        foreach (Progress progress in _progress)
        {
            if (progress.State == ProgressState.Snapshot && ++progress.SnapshotTicks >= 4 * _options.ElectionTicks)
            {
                progress.SnapshotLost();
            }
        }

        if (++_heartbeatElapsedTicks < _options.HeartbeatTicks)
        {
            return;
        }

        _heartbeatElapsedTicks = 0;
        foreach (Progress progress in _progress)
        {
            if (progress.Id != NodeId)
            {
                Send(new RaftMessage { Type = RaftMessageType.Heartbeat, To = progress.Id, Commit = Math.Min(progress.Match, _log.Committed) });
            }
        }
    }

    private void SendAppends()
    {
        foreach (Progress progress in _progress)
        {
            if (progress.Id == NodeId)
            {
                continue;
            }

            while (progress.Next <= _log.LastIndex && CanSend(progress))
            {
                SendAppend(progress);
            }
        }
    }

    private bool CanSend(Progress progress) => progress.State switch
    {
        ProgressState.Probe => !progress.ProbeSent,
        ProgressState.Replicate => progress.Next - progress.Match - 1 < (ulong)_options.MaxInflightEntries,
        _ => false,
    };

    private void SendAppend(Progress progress)
    {
        ulong previous = progress.Next - 1;
        if (!_log.TryTerm(previous, out ulong previousTerm))
        {
            progress.BecomeSnapshot(_snapshotIndex);
            Send(new RaftMessage { Type = RaftMessageType.InstallSnapshot, To = progress.Id, LogIndex = _snapshotIndex, LogTerm = _snapshotTerm });
            return;
        }

        ReadOnlyMemory<LogEntry> entries = _log.Slice(progress.Next, _options.MaxAppendEntries, _options.MaxAppendBytes);
        Send(new RaftMessage
        {
            Type = RaftMessageType.AppendEntries,
            To = progress.Id,
            LogIndex = previous,
            LogTerm = previousTerm,
            Commit = _log.Committed,
            Entries = entries,
        });
        if (progress.State == ProgressState.Replicate)
        {
            progress.Next += (ulong)entries.Length;
        }
        else
        {
            progress.ProbeSent = true;
        }
    }

    private void HandleAppendEntries(in RaftMessage message)
    {
        RaftMessage answer = new() { Type = RaftMessageType.AppendEntriesResponse, To = message.From };
        if (message.LogIndex < _log.Committed)
        {
            Send(answer with { LogIndex = _log.Committed });
            return;
        }

        // Figure 2: "Reply false if log doesn't contain an entry at prevLogIndex whose term matches prevLogTerm".
        if (!_log.Matches(message.LogIndex, message.LogTerm))
        {
            (ulong hintIndex, ulong hintTerm) = _log.FindConflictByTerm(message.LogIndex, message.LogTerm);
            Send(answer with { LogIndex = message.LogIndex, Reject = true, HintIndex = hintIndex, HintTerm = hintTerm });
            return;
        }

        if (!AreConsecutive(message))
        {
            return;
        }

        _log.Merge(message.Entries.Span);
        ulong lastNew = message.LogIndex + (ulong)message.Entries.Length;
        // Figure 2: "set commitIndex = min(leaderCommit, index of last new entry)".
        _log.CommitTo(Math.Min(message.Commit, lastNew));
        Send(answer with { LogIndex = lastNew });
    }

    private static bool AreConsecutive(in RaftMessage message)
    {
        ulong index = message.LogIndex;
        foreach (ref readonly LogEntry entry in message.Entries.Span)
        {
            if (entry.Index != ++index || entry.Term > message.Term)
            {
                return false;
            }
        }

        return true;
    }

    private void HandleHeartbeat(in RaftMessage message)
    {
        _log.CommitTo(message.Commit);
        Send(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, To = message.From });
    }

    private void HandleInstallSnapshot(in RaftMessage message)
    {
        if (message.Snapshot is not { } snapshot || snapshot.Index <= _log.Committed)
        {
            Send(new RaftMessage { Type = RaftMessageType.AppendEntriesResponse, To = message.From, LogIndex = _log.Committed });
            return;
        }

        if (_log.Matches(snapshot.Index, snapshot.Term))
        {
            // §7: the log has it already; the entries will do.
            _log.CommitTo(snapshot.Index);
            Send(new RaftMessage { Type = RaftMessageType.AppendEntriesResponse, To = message.From, LogIndex = snapshot.Index });
            return;
        }

        _incomingSnapshot = snapshot;
        _log.Reset(snapshot.Index, snapshot.Term);
        _snapshotIndex = snapshot.Index;
        _snapshotTerm = snapshot.Term;
        _voters = [.. snapshot.Voters];
        Send(new RaftMessage { Type = RaftMessageType.AppendEntriesResponse, To = message.From, LogIndex = snapshot.Index });
    }

    private void HandleAppendEntriesResponse(in RaftMessage message)
    {
        if (FindProgress(message.From) is not { } progress)
        {
            return;
        }

        if (message.Reject)
        {
            HandleReject(message, progress);
            return;
        }

        // A peer cannot have more than we sent: such an answer is broken or hostile.
        if (message.LogIndex > _log.LastIndex)
        {
            return;
        }

        bool news = progress.TryUpdate(message.LogIndex);
        if (progress.State == ProgressState.Probe && (news || progress.ProbeSent))
        {
            progress.BecomeReplicate();
        }
        else if (progress.State == ProgressState.Snapshot && progress.Match >= progress.PendingSnapshot)
        {
            progress.BecomeProbe();
            progress.BecomeReplicate();
        }

        if (news && TryCommit())
        {
            BroadcastCommit();
        }
    }

    private void HandleReject(in RaftMessage message, Progress progress)
    {
        // A reject of a probe that is not the outstanding one, or of something known to match, is late.
        if (message.LogIndex <= progress.Match || progress.State == ProgressState.Snapshot
            || (progress.State == ProgressState.Probe && message.LogIndex != progress.Next - 1))
        {
            return;
        }

        (ulong index, _) = _log.FindConflictByTerm(Math.Min(message.HintIndex, message.LogIndex - 1), message.HintTerm);
        progress.BecomeProbe();
        progress.Next = Math.Max(progress.Match + 1, index + 1);
    }

    private void HandleHeartbeatResponse(in RaftMessage message)
    {
        if (FindProgress(message.From) is not { } progress)
        {
            return;
        }

        progress.ProbeSent = false;
        if (progress.Match < _log.LastIndex && progress.State != ProgressState.Snapshot
            && (progress.Next > _log.LastIndex || !CanSend(progress)))
        {
            // Everything allowed is sent but not acknowledged: maybe lost. One more append is refused by the follower if so.
            SendAppend(progress);
        }
    }

    // §5.4.2: "Only log entries from the leader's current term are committed by counting replicas".
    private bool TryCommit()
    {
        Span<ulong> matches = _voters.Length <= 16 ? stackalloc ulong[_voters.Length] : new ulong[_voters.Length];
        for (int i = 0; i < _voters.Length; i++)
        {
            matches[i] = _progress[i].Match;
        }

        matches.Sort();
        ulong candidate = matches[_voters.Length - Quorum];
        if (candidate <= _log.Committed || !_log.Matches(candidate, _term))
        {
            return false;
        }

        _log.CommitTo(candidate);
        return true;
    }

    // Followers learn the commit index at once rather than with the next entry or heartbeat.
    private void BroadcastCommit()
    {
        foreach (Progress progress in _progress)
        {
            if (progress.Id != NodeId && progress.State == ProgressState.Replicate && progress.Next > _log.LastIndex)
            {
                SendAppend(progress);
            }
        }
    }
}
