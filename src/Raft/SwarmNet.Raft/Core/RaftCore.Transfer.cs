namespace SwarmNet.Raft;

// Thesis §3.10: leadership transfer.
public sealed partial class RaftCore
{
    private ulong _transferee;
    private int _transferTicks;
    private bool _timeoutNowSent;

    /// <summary>
    /// Hands the leadership to another voter: it is brought up to date, then told to campaign at once. Until then, and for at most an election
    /// timeout, proposals are refused. False when this node does not lead or the other has no vote.
    /// </summary>
    public bool TryTransferLeadership(ulong nodeId)
    {
        ThrowIfReadyOut();
        if (Role != RaftRole.Leader || nodeId == NodeId || !Membership.VoterSpan.Contains(nodeId))
        {
            return false;
        }

        _transferee = nodeId;
        _transferTicks = 0;
        _timeoutNowSent = false;
        return true;
    }

    private void TickTransfer()
    {
        if (_transferee != 0 && ++_transferTicks >= _options.ElectionTicks)
        {
            // "If leadership transfer does not complete after about an election timeout, the prior leader aborts the transfer".
            _transferee = 0;
        }
    }

    private void PrepareTransfer()
    {
        if (_transferee != 0 && !_timeoutNowSent && FindProgress(_transferee) is { } progress && progress.Match == _log.LastIndex)
        {
            _timeoutNowSent = true;
            SendNow(new RaftMessage { Type = RaftMessageType.TimeoutNow, To = _transferee });
        }
    }

    private void HandleTimeoutNow(in RaftMessage message)
    {
        if (Role == RaftRole.Follower && message.From == LeaderId && Membership.IsVoter(NodeId))
        {
            CampaignForVotes(transfer: true);
        }
    }
}
