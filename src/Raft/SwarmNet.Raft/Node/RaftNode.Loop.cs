using System.Runtime.InteropServices;

namespace SwarmNet.Raft;

// The owner thread: everything in these files but Run's caller runs on it.
public sealed partial class RaftNode
{
    // After a stop of the process, or a long apply, time goes on where it was: what waits in the queue may be a leader's heartbeat.
    private const int MaxTicksAtOnce = 2;

    private List<NodeInput> _inputs = [];
    private long _ticks;

    private void Run()
    {
        Exception? fault = null;
        try
        {
            Loop();
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
            TakeWritten();
            Work();
            PublishStatus();
            if (_machineIndex >= recoveredIndex)
            {
                _recovered.TrySetResult();
            }

            if (!_inbox.Take(ref _inputs))
            {
                return;
            }

            TakeInputs();
        }
    }

    private void TakeInputs()
    {
        foreach (ref readonly NodeInput input in CollectionsMarshal.AsSpan(_inputs))
        {
            Take(input);
        }

        _inputs.Clear();
        AskForReads();
        int due = Interlocked.Exchange(ref _dueTicks, 0);
        for (int i = 0; i < Math.Min(due, MaxTicksAtOnce); i++)
        {
            Tick();
        }
    }

    private void Take(in NodeInput input)
    {
        switch (input.Kind)
        {
            case NodeInputKind.Message:
                _core.Step(input.Message);
                break;
            case NodeInputKind.Proposal:
                Propose(input.Command, input.Term, (TaskCompletionSource<ulong>)input.Completion!);
                break;
            case NodeInputKind.Read:
                _newReads.Add((TaskCompletionSource<ulong>)input.Completion!);
                break;
            case NodeInputKind.MembershipChange:
                ChangeMembership(input.Changes!, (TaskCompletionSource<ulong>)input.Completion!);
                break;
            case NodeInputKind.Transfer:
                Transfer(input.NodeId, (TaskCompletionSource<ulong>)input.Completion!);
                break;
            case NodeInputKind.PeerUnreachable:
                _core.PeerUnreachable(input.NodeId);
                break;
            case NodeInputKind.Snapshot:
                _snapshotsAsked.Add((input.Index == 0 ? _core.AppliedIndex : input.Index, (TaskCompletionSource<ulong>)input.Completion!));
                break;
            case NodeInputKind.DataKey:
                _transforms.Add(input.Command.Span);
                AskDisk(KeyWork.Rotate, (TaskCompletionSource<ulong>)input.Completion!);
                break;
            case NodeInputKind.OlderKeys:
                AskDisk(KeyWork.Rotate, (TaskCompletionSource<ulong>)input.Completion!);
                break;
            case NodeInputKind.DropOlderKeys:
                AskDisk(KeyWork.DropOlder, (TaskCompletionSource<ulong>)input.Completion!);
                break;
            case NodeInputKind.Progress:
                List<RaftPeerProgress> progress = [];
                _core.CopyProgress(progress);
                ((TaskCompletionSource<IReadOnlyList<RaftPeerProgress>>)input.Completion!).TrySetResult(progress);
                break;
        }
    }

    private void Tick()
    {
        _ticks++;
        _core.Tick();
        TickReads();
        TickTransfer();
        LeaveFullDisk();
    }

    // The order is RaftReady's contract.
    private void Work()
    {
        while (_core.TryGetReady(out RaftReady? ready))
        {
            SendAll(ready.ImmediateMessages);
            Write(ready, ready.Snapshot is { } piece ? TakePiece(piece) : null);
            Apply(ready.CommittedEntries);
            TakeReads(ready.Reads);
            _core.AdvanceWriting();
            RestartSnapshots();
        }

        Settle();
        TakeSnapshotWhenDue();
    }

    private void PublishStatus()
    {
        RaftStatus old = _status;
        if (old.Term == _core.Term && old.LeaderId == _core.LeaderId && old.Role == _core.Role && old.CommitIndex == _core.CommitIndex
            && old.AppliedIndex == _machineIndex && ReferenceEquals(old.Membership, _core.Membership))
        {
            return;
        }

        RaftStatus status = CurrentStatus();
        Volatile.Write(ref _status, status);
        if (status.Term != old.Term || status.LeaderId != old.LeaderId || status.Role != old.Role)
        {
            LogRole(_logger, status.NodeId, status.Role, status.Term, status.LeaderId);
        }
        else if (status.Membership.Equals(old.Membership))
        {
            return;
        }

        StatusChanged?.Invoke(status);
    }

    private void Stop(Exception? fault)
    {
        _inbox.Close();
        _disk.Stop();
        _savingSnapshot?.Join();
        RaftProposalLostException lost = fault is null
            ? new RaftProposalLostException($"Raft node {_options.NodeId:x} was closed; whether what was asked came about is unknown.")
            : new RaftProposalLostException($"Raft node {_options.NodeId:x} stopped: {fault.Message}", fault);
        FailAll(lost);
        _timer.Dispose();
        _wal.Dispose();
        _transforms.Dispose();
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

    private void FailAll(RaftProposalLostException lost)
    {
        while (_pending.TryDequeue(out PendingProposal proposal))
        {
            proposal.Completion.TrySetException(lost);
        }

        FailReads(lost);
        AnswerSnapshots(lost);
        _diskAsked.ForEach(asked => asked.TrySetException(lost));
        _change?.Completion.TrySetException(lost);
        _transfer?.Completion.TrySetException(lost);
        // Those that were taken but not worked on, and those that came after.
        FailInputs(lost);
        _inbox.Take(ref _inputs);
        FailInputs(lost);
    }

    private void FailInputs(RaftProposalLostException lost)
    {
        foreach (NodeInput input in _inputs)
        {
            (input.Completion as TaskCompletionSource<ulong>)?.TrySetException(lost);
            (input.Completion as TaskCompletionSource<IReadOnlyList<RaftPeerProgress>>)?.TrySetException(lost);
        }

        _inputs.Clear();
    }
}
