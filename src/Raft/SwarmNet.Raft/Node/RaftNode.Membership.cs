namespace SwarmNet.Raft;

// Changes of the membership and transfers of the leadership.
public sealed partial class RaftNode
{
    private PendingProposal? _change;
    private (ulong NodeId, ulong Term, long Deadline, TaskCompletionSource<ulong> Completion)? _transfer;

    private void ChangeMembership(MembershipChange[] changes, TaskCompletionSource<ulong> completion)
    {
        if (_core.Role == RaftRole.Leader && _disk.Full is { } full)
        {
            completion.TrySetException(full);
            return;
        }

        switch (_core.ProposeMembership(changes, out ulong index, out string? problem))
        {
            case ProposeStatus.Accepted:
                _change = new PendingProposal(index, _core.Term, completion);
                break;
            case ProposeStatus.Invalid:
                completion.TrySetException(new RaftMembershipException(problem!));
                break;
            case ProposeStatus.Transferring:
                completion.TrySetException(HandingOver());
                break;
            case ProposeStatus.MembershipPending:
                completion.TrySetException(new RaftBusyException(
                    $"Another change of the membership is under way ({_core.Membership}), or the leader is new; nothing was changed, try again shortly."));
                break;
            default:
                completion.TrySetException(new RaftNotLeaderException(_options.NodeId, _core.LeaderId));
                break;
        }
    }

    // A leader that is removed may not have its last entry on disk when the others have.
    private void SettleChange()
    {
        if (_change is not { } change)
        {
            return;
        }

        ulong index = _core.MembershipIndex;
        if (index >= change.Index && !_core.Membership.IsJoint && IsCommitted(index, change.Term))
        {
            _change = null;
            change.Completion.TrySetResult(index);
        }
        else if (!StillLeads(change.Term))
        {
            _change = null;
            Lose(change);
        }
    }

    private void Transfer(ulong nodeId, TaskCompletionSource<ulong> completion)
    {
        if (_core.Role != RaftRole.Leader)
        {
            completion.TrySetException(new RaftNotLeaderException(_options.NodeId, _core.LeaderId));
        }
        else if (_transfer is not null)
        {
            completion.TrySetException(HandingOver());
        }
        else if (!_core.TryTransferLeadership(nodeId))
        {
            completion.TrySetException(new RaftMembershipException(
                nodeId == _options.NodeId ? $"Node {nodeId:x} leads already; name another voter." : $"Node {nodeId:x} has no vote; name a voter ({_core.Membership})."));
        }
        else
        {
            // The core gives up after one timeout.
            _transfer = (nodeId, _core.Term, _ticks + _options.ElectionTicks + 1, completion);
        }
    }

    private void TickTransfer()
    {
        if (_transfer is { } transfer && StillLeads(transfer.Term) && _ticks > transfer.Deadline)
        {
            _transfer = null;
            transfer.Completion.TrySetException(new RaftUnavailableException(
                $"Node {transfer.NodeId:x} did not take the leadership over within {_options.ElectionTicks} ticks; node {_options.NodeId:x} still leads."));
        }
    }

    // A leader that cannot write is of no use where another one can.
    private void LeaveFullDisk()
    {
        if (_core.Role != RaftRole.Leader || _disk.Full is null || _ticks % _options.ElectionTicks != 0)
        {
            return;
        }

        List<RaftPeerProgress> progress = [];
        _core.CopyProgress(progress);
        progress.RemoveAll(peer => peer is not { IsActive: true, IsLearner: false } || peer.NodeId == _options.NodeId);
        if (progress.Count > 0)
        {
            _core.TryTransferLeadership(progress.MaxBy(peer => peer.MatchIndex).NodeId);
        }
    }
}
