namespace SwarmNet.Raft;

// The leader's side of Raft paper §5.3 (log replication), §5.4.2 (committing entries), §7 (snapshots).
public sealed partial class RaftCore
{
    private const int MaxStackVoters = 16;

    // While leading: one per member, in the order of their ids.
    private Progress[] _progress = [];
    private long _uncommittedBytes;

    /// <summary>Adds what this node, if it leads, knows of each member (also of itself).</summary>
    public void CopyProgress(List<RaftPeerProgress> destination)
    {
        foreach (Progress progress in _progress)
        {
            destination.Add(new RaftPeerProgress(
                progress.Id,
                progress.Match,
                progress.Next,
                progress.RecentlyActive || progress.WasActive || progress.Id == NodeId,
                !Membership.IsVoter(progress.Id),
                progress.State == ProgressState.Snapshot));
        }
    }

    /// <summary>Says that the piece of a snapshot asked for <paramref name="nodeId"/> cannot be had: the leader begins again with its newest.</summary>
    public void SnapshotUnavailable(ulong nodeId)
    {
        ThrowIfReadyOut();
        if (FindProgress(nodeId) is { State: ProgressState.Snapshot } progress)
        {
            progress.BecomeProbe();
            // Not at once: with the next answer to a heartbeat.
            progress.ProbeSent = true;
        }
    }

    private ulong AppendOwn(EntryType type, ReadOnlyMemory<byte> data)
    {
        ulong index = _log.LastIndex + 1;
        _log.Append(new LogEntry(_term, index, type, data));
        _uncommittedBytes += data.Length;
        if (Is(RaftMutant.OwnAckBeforeFsync))
        {
            FindProgress(NodeId)?.TryUpdate(index);
        }

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
        if (++_electionElapsedTicks >= _options.ElectionTicks)
        {
            _electionElapsedTicks = 0;
            // Thesis §6.2: "a leader steps down if an election timeout elapses without a successful round of heartbeats to a majority".
            if (Quorum(QuorumValue.Active) == 0)
            {
                BecomeFollower(_term, 0);
                return;
            }

            foreach (Progress progress in _progress)
            {
                progress.WasActive = progress.RecentlyActive;
                progress.RecentlyActive = false;
            }
        }

        TickTransfer();
        foreach (Progress progress in _progress)
        {
            if (progress.State == ProgressState.Snapshot && ++progress.SnapshotTicks >= _options.ElectionTicks && progress.RecentlyActive)
            {
                // The piece, or its answer, is lost.
                progress.SnapshotPieceDue = true;
            }
        }

        if (++_heartbeatElapsedTicks >= _options.HeartbeatTicks)
        {
            _heartbeatElapsedTicks = 0;
            SendHeartbeats();
        }
    }

    private void SendHeartbeats()
    {
        foreach (Progress progress in _progress)
        {
            if (progress.Id != NodeId)
            {
                ulong commit = Is(RaftMutant.CommitBeyondMatch) ? _log.Committed : Math.Min(progress.Match, _log.Committed);
                SendNow(new RaftMessage { Type = RaftMessageType.Heartbeat, To = progress.Id, Commit = commit, Context = _readRound });
            }
        }
    }

    private void PrepareLeaderMessages()
    {
        PrepareReads();
        foreach (Progress progress in _progress)
        {
            if (progress.Id != NodeId)
            {
                SendAppends(progress);
            }
        }

        PrepareTransfer();
        ResignIfRemoved();
    }

    private void SendAppends(Progress progress)
    {
        if (progress.State == ProgressState.Snapshot)
        {
            SendSnapshotPiece(progress);
            return;
        }

        bool sent = false;
        while (progress.Next <= _log.LastIndex && CanSend(progress))
        {
            SendAppend(progress, _options.MaxAppendEntries);
            sent = true;
        }

        // Followers learn the commit index at once rather than with the next entry or heartbeat.
        bool commitDue = progress.State == ProgressState.Replicate && progress.SentCommit < _log.Committed;
        if (!sent && (commitDue || progress.NeedsProbe))
        {
            SendAppend(progress, 0);
        }

        progress.NeedsProbe = false;
    }

    private bool CanSend(Progress progress) => progress.State switch
    {
        ProgressState.Probe => !progress.ProbeSent,
        ProgressState.Replicate => progress.Inflights.Count < _options.MaxInflightMessages
            && (progress.Inflights.Count == 0 || progress.Inflights.Bytes < _options.MaxInflightBytes),
        _ => false,
    };

    private void SendAppend(Progress progress, int maxEntries)
    {
        ulong previous = progress.Next - 1;
        if (!_log.TryTerm(previous, out ulong previousTerm))
        {
            progress.BecomeSnapshot(_snapshotIndex, _snapshotTerm);
            SendSnapshotPiece(progress);
            return;
        }

        long bytes = 0;
        ReadOnlyMemory<LogEntry> entries = maxEntries == 0 ? default : _log.Slice(progress.Next, maxEntries, _options.MaxAppendBytes, out bytes);
        SendNow(new RaftMessage
        {
            Type = RaftMessageType.AppendEntries,
            To = progress.Id,
            LogIndex = previous,
            LogTerm = previousTerm,
            Commit = _log.Committed,
            Entries = entries,
        });
        progress.SentCommit = _log.Committed;
        if (progress.State != ProgressState.Replicate)
        {
            progress.ProbeSent = true;
        }
        else if (entries.Length > 0)
        {
            // Thesis §10.2.1, pipelining: the next append goes out without waiting for the answer.
            progress.Next += (ulong)entries.Length;
            progress.Inflights.Add(progress.Next - 1, bytes);
        }
    }

    private void SendSnapshotPiece(Progress progress)
    {
        if (!progress.SnapshotPieceDue)
        {
            return;
        }

        progress.SnapshotPieceDue = false;
        progress.SnapshotTicks = 0;
        SendNow(new RaftMessage
        {
            Type = RaftMessageType.InstallSnapshot,
            To = progress.Id,
            LogIndex = progress.PendingSnapshot,
            LogTerm = progress.PendingSnapshotTerm,
            Offset = progress.SnapshotOffset,
        });
    }

    private void HandleAppendEntriesResponse(in RaftMessage message, Progress progress)
    {
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
        bool answersProbe = progress.State == ProgressState.Probe && (news || progress.ProbeSent);
        bool endsSnapshot = progress.State == ProgressState.Snapshot && (progress.Match >= progress.PendingSnapshot || _log.TryTerm(progress.Match, out _));
        if (answersProbe || endsSnapshot)
        {
            progress.BecomeReplicate();
        }

        if (news)
        {
            TryCommit();
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

        // End of §5.3: "the leader can decrement nextIndex to bypass all of the conflicting entries in that term".
        (ulong index, _) = _log.FindConflictByTerm(Math.Min(message.HintIndex, message.LogIndex - 1), message.HintTerm);
        progress.BecomeProbe();
        progress.Next = Math.Max(progress.Match + 1, index + 1);
    }

    private void HandleHeartbeatResponse(in RaftMessage message, Progress progress)
    {
        progress.ReadRound = Math.Max(progress.ReadRound, Math.Min(message.Context, _readRound));
        progress.ProbeSent = false;
        // Everything allowed is sent but not acknowledged: maybe lost. One more append is refused by the follower if so.
        progress.NeedsProbe = progress.Match < _log.LastIndex && progress.State == ProgressState.Replicate
            && (progress.Next > _log.LastIndex || !CanSend(progress));
    }

    private static void HandleInstallSnapshotResponse(in RaftMessage message, Progress progress)
    {
        if (progress.State == ProgressState.Snapshot && message.LogIndex == progress.PendingSnapshot && message.LogTerm == progress.PendingSnapshotTerm
            && message.Offset != progress.SnapshotOffset)
        {
            progress.SnapshotOffset = message.Offset;
            progress.SnapshotPieceDue = true;
        }
    }

    // §5.4.2: "Only log entries from the leader's current term are committed by counting replicas".
    private void TryCommit()
    {
        ulong candidate = Quorum(QuorumValue.Match);
        if (candidate <= _log.Committed || (!_log.Matches(candidate, _term) && !Is(RaftMutant.OldTermCommittedByCounting)))
        {
            return;
        }

        for (ulong index = _log.Committed + 1; index <= candidate; index++)
        {
            _uncommittedBytes -= _log.At(index).Data.Length;
        }

        _uncommittedBytes = Math.Max(0, _uncommittedBytes);
        _log.CommitTo(candidate);
        MembershipMayBeCommitted();
    }

    // The highest value that a majority has; of a joint membership, that both majorities have.
    private ulong Quorum(QuorumValue value)
    {
        ulong incoming = Quorum(Membership.VoterSpan, value);
        return Membership.IsJoint && !Is(RaftMutant.JointNeedsNewMajorityOnly)
            ? Math.Min(incoming, Quorum(Membership.OutgoingSpan, value)) : incoming;
    }

    private ulong Quorum(ReadOnlySpan<ulong> voters, QuorumValue value)
    {
        ReadOnlySpan<ulong> learners = Is(RaftMutant.LearnersCount) ? Membership.LearnerSpan : default;
        int count = voters.Length + learners.Length;
        Span<ulong> values = count <= MaxStackVoters ? stackalloc ulong[count] : new ulong[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = Value(i < voters.Length ? voters[i] : learners[i - voters.Length], value);
        }

        values.Sort();
        return values[count - ((voters.Length / 2) + 1)];
    }

    private ulong Value(ulong id, QuorumValue value)
    {
        if (FindProgress(id) is not { } progress)
        {
            return 0;
        }

        return value switch
        {
            QuorumValue.Match => progress.Match,
            QuorumValue.ReadRound => id == NodeId ? _readRound : progress.ReadRound,
            _ => id == NodeId || progress.RecentlyActive ? 1ul : 0,
        };
    }
}
