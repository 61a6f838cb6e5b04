namespace SwarmNet.Raft;

// Proposals, and who waits for them.
public sealed partial class RaftNode
{
    // In the order of their indices.
    private readonly Queue<PendingProposal> _pending = new();

    private void Propose(ReadOnlyMemory<byte> command, ulong term, TaskCompletionSource<ulong> completion)
    {
        if (term != 0 && !StillLeads(term))
        {
            completion.TrySetException(new RaftNotLeaderException(_options.NodeId, _core.Role == RaftRole.Leader ? 0 : _core.LeaderId));
            return;
        }

        if (_core.Role == RaftRole.Leader && _disk.Full is { } full)
        {
            completion.TrySetException(full);
            return;
        }

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
                completion.TrySetException(HandingOver());
                break;
            default:
                completion.TrySetException(new RaftNotLeaderException(_options.NodeId, _core.LeaderId));
                break;
        }
    }

    private RaftBusyException HandingOver() => new(
        $"Raft node {_options.NodeId:x} is handing its leadership over; nothing was appended, propose again shortly.");

    private void Applied(in LogEntry entry)
    {
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

    // Whoever waits hears of it when the leadership is lost, unless what it waits for is committed already: then the state machine gets it soon.
    private void Settle()
    {
        if (_pending.TryPeek(out PendingProposal oldest) && !StillLeads(oldest.Term))
        {
            for (int count = _pending.Count; count > 0; count--)
            {
                PendingProposal proposal = _pending.Dequeue();
                if (IsCommitted(proposal.Index, proposal.Term))
                {
                    _pending.Enqueue(proposal);
                }
                else
                {
                    Lose(proposal);
                }
            }
        }

        SettleChange();
        if (_transfer is { } transfer && !StillLeads(transfer.Term))
        {
            _transfer = null;
            transfer.Completion.TrySetResult(transfer.NodeId);
        }
    }

    private bool IsCommitted(ulong index, ulong term) =>
        index <= _core.CommitIndex && _core.TryGetTerm(index, out ulong there) && there == term;

    private bool StillLeads(ulong term) => term == _core.Term && _core.Role == RaftRole.Leader;

    private void Lose(in PendingProposal proposal) => proposal.Completion.TrySetException(new RaftProposalLostException(
        $"Raft node {_options.NodeId:x} lost its leadership while entry {proposal.Index} was on its way; read the state before retrying."));
}
