using System.Buffers;

namespace SwarmNet.Raft;

// The owner thread: everything here but Run's caller runs on it.
public sealed partial class RaftNode
{
    private void Run()
    {
        Exception? fault = null;
        try
        {
            Loop();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Disposed.
        }
        catch (Exception exception)
        {
            fault = exception;
            LogFault(_logger, _options.NodeId, exception);
        }

        Stop(fault);
    }

    private void Loop()
    {
        bool sole = _core.IsSoleVoter;
        if (sole)
        {
            _core.Campaign();
        }

        // A leader's blank entry is the first one after what was recovered.
        ulong recoveredIndex = sole ? _core.LastIndex + 1 : _core.CommitIndex;
        _timer.Change(_options.TickInterval, _options.TickInterval);
        while (true)
        {
            Work();
            PublishStatus();
            if (_core.AppliedIndex >= recoveredIndex)
            {
                _recovered.TrySetResult();
            }

            // A dedicated thread: waiting here blocks nobody else.
            if (!_inputs.Reader.WaitToReadAsync(_stopping.Token).AsTask().GetAwaiter().GetResult())
            {
                return;
            }

            TakeInputs();
        }
    }

    private void TakeInputs()
    {
        for (int ticks = Interlocked.Exchange(ref _dueTicks, 0); ticks > 0; ticks--)
        {
            _core.Tick();
        }

        int bytes = 0;
        while (bytes < MaxBatchBytes && _inputs.Reader.TryRead(out NodeInput input))
        {
            if (input.Completion is { } completion)
            {
                bytes += input.Command.Length + RecordHeader.OverheadBytes;
                Propose(input.Command, completion);
            }
            else if (input.Message is { } message)
            {
                bytes += RecordHeader.OverheadBytes;
                _core.Step(message);
            }
        }
    }

    private void Propose(ReadOnlyMemory<byte> command, TaskCompletionSource<ulong> completion)
    {
        switch (_core.Propose(command, out ulong index))
        {
            case ProposeStatus.Accepted:
                _pending.Enqueue(new PendingProposal(index, _core.Term, completion));
                break;
            case ProposeStatus.TooMuchUncommitted:
                completion.TrySetException(new RaftBusyException(
                    $"Raft node {_options.NodeId:x} has too many proposals that wait for a majority; nothing was appended, propose again shortly."));
                break;
            case ProposeStatus.Transferring:
                completion.TrySetException(new RaftBusyException(
                    $"Raft node {_options.NodeId:x} is handing its leadership over; nothing was appended, propose again shortly."));
                break;
            default:
                completion.TrySetException(new RaftNotLeaderException(_options.NodeId, _core.LeaderId));
                break;
        }
    }

    // The order is RaftReady's contract.
    private void Work()
    {
        while (_core.TryGetReady(out RaftReady? ready))
        {
            SendAll(ready.ImmediateMessages);
            RaftSnapshot? installed = ready.Snapshot is { } piece ? TakePiece(piece) : null;
            if (installed is not null)
            {
                _snapshots.Save(installed);
            }

            if (ready.MustSync)
            {
                _wal.Append(ready.HardState, ready.Entries, installed);
            }

            SendAll(ready.Messages);
            if (installed is not null)
            {
                _machine.RestoreSnapshot(installed.Index, installed.Data);
                _snapshotIndex = installed.Index;
                _wal.Compact(_snapshots.OldestIndex);
            }

            Apply(ready.CommittedEntries);
            _core.Advance();
            RestartSnapshots();
            FailLostProposals();
            TakeSnapshotWhenDue();
        }
    }

    private void Apply(IReadOnlyList<LogEntry> entries)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            LogEntry entry = entries[i];
            if (entry.Type == EntryType.Command)
            {
                _machine.Apply(entry.Index, entry.Data.Span);
            }
            else if (entry.Type is not (EntryType.Noop or EntryType.Membership))
            {
                throw new RaftException($"Entry {entry.Index} has the unknown type {(byte)entry.Type}; run the program version that wrote it.");
            }

            while (_pending.TryPeek(out PendingProposal proposal) && proposal.Index <= entry.Index)
            {
                _pending.Dequeue();
                if (proposal.Index == entry.Index && proposal.Term == entry.Term)
                {
                    proposal.Completion.TrySetResult(entry.Index);
                }
                else
                {
                    Lose(proposal);
                }
            }
        }
    }

    private void FailLostProposals()
    {
        while (_pending.TryPeek(out PendingProposal proposal) && (proposal.Term != _core.Term || _core.Role != RaftRole.Leader))
        {
            _pending.Dequeue();
            Lose(proposal);
        }
    }

    private void Lose(in PendingProposal proposal) => proposal.Completion.TrySetException(new RaftProposalLostException(
        $"Raft node {_options.NodeId:x} lost its leadership while entry {proposal.Index} was on its way; read the state before retrying."));

    private void TakeSnapshotWhenDue()
    {
        ulong applied = _core.AppliedIndex;
        if (_options.SnapshotEntries == 0 || applied - _snapshotIndex < (ulong)_options.SnapshotEntries
            || !_core.TryGetTerm(applied, out ulong term))
        {
            return;
        }

        ArrayBufferWriter<byte> writer = new();
        _machine.WriteSnapshot(writer);
        _snapshots.Save(new RaftSnapshot(applied, term, _core.MembershipAt(applied), new ReadOnlySequence<byte>(writer.WrittenMemory)));
        _snapshotIndex = applied;
        _core.SnapshotTaken(applied, _options.SnapshotEntries);
        _wal.Compact(_snapshots.OldestIndex);
        LogSnapshot(_logger, _options.NodeId, applied, writer.WrittenCount);
    }

    private void PublishStatus()
    {
        RaftStatus old = _status;
        RaftStatus status = CurrentStatus();
        if (status == old)
        {
            return;
        }

        Volatile.Write(ref _status, status);
        if (status.Term != old.Term || status.LeaderId != old.LeaderId || status.Role != old.Role)
        {
            LogRole(_logger, status.NodeId, status.Role, status.Term, status.LeaderId);
            StatusChanged?.Invoke(status);
        }
    }

    private void Stop(Exception? fault)
    {
        _inputs.Writer.TryComplete();
        RaftProposalLostException lost = fault is null
            ? new RaftProposalLostException($"Raft node {_options.NodeId:x} was closed; whether the command was committed is unknown.")
            : new RaftProposalLostException($"Raft node {_options.NodeId:x} stopped: {fault.Message}", fault);
        while (_pending.TryDequeue(out PendingProposal proposal))
        {
            proposal.Completion.TrySetException(lost);
        }

        while (_inputs.Reader.TryRead(out NodeInput input))
        {
            input.Completion?.TrySetException(lost);
        }

        _timer.Dispose();
        _wal.Dispose();
        _lock.Dispose();
        Volatile.Write(ref _status, Status with { Role = RaftRole.Follower, LeaderId = 0 });
        if (fault is null)
        {
            _recovered.TrySetCanceled();
            _completion.TrySetResult();
        }
        else
        {
            _recovered.TrySetException(fault);
            _completion.TrySetException(fault);
        }
    }
}
