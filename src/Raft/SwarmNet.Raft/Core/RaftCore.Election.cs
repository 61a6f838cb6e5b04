namespace SwarmNet.Raft;

// Raft paper §5.2 (leader election) and §5.4.1 (election restriction).
public sealed partial class RaftCore
{
    /// <summary>Starts an election at once, unless this node is the leader or no voter. A sole voter wins it at once.</summary>
    public void Campaign()
    {
        ThrowIfReadyOut();
        ResetElectionTimer();
        if (!IsVoter || Role == RaftRole.Leader)
        {
            return;
        }

        // "increments its current term and transitions to candidate state. It then votes for itself".
        _term++;
        _vote = NodeId;
        Role = RaftRole.Candidate;
        LeaderId = 0;
        _votes.Clear();
        _votes[NodeId] = true;
        if (Quorum == 1)
        {
            BecomeLeader();
            return;
        }

        foreach (ulong voter in _voters)
        {
            if (voter != NodeId)
            {
                Send(new RaftMessage { Type = RaftMessageType.RequestVote, To = voter, LogIndex = _log.LastIndex, LogTerm = _log.LastTerm });
            }
        }
    }

    private void HandleRequestVote(in RaftMessage message)
    {
        bool free = _vote == message.From || (_vote == 0 && LeaderId == 0);
        // §5.4.1: "the voter denies its vote if its own log is more up-to-date than that of the candidate".
        bool grant = free && _log.IsUpToDate(message.LogIndex, message.LogTerm);
        if (grant)
        {
            _vote = message.From;
            ResetElectionTimer();
        }

        Send(new RaftMessage { Type = RaftMessageType.RequestVoteResponse, To = message.From, Reject = !grant });
    }

    private void HandleVote(in RaftMessage message)
    {
        if (Role != RaftRole.Candidate || Array.IndexOf(_voters, message.From) < 0)
        {
            return;
        }

        _votes.TryAdd(message.From, !message.Reject);
        int granted = 0;
        foreach (bool vote in _votes.Values)
        {
            granted += vote ? 1 : 0;
        }

        if (granted >= Quorum)
        {
            BecomeLeader();
        }
        else if (_votes.Count - granted >= Quorum)
        {
            BecomeFollower(_term, 0);
        }
    }

    private void BecomeLeader()
    {
        Role = RaftRole.Leader;
        LeaderId = NodeId;
        _heartbeatElapsedTicks = 0;
        _progress = new Progress[_voters.Length];
        for (int i = 0; i < _voters.Length; i++)
        {
            _progress[i] = new Progress(_voters[i]) { Next = _log.LastIndex + 1 };
        }

        FindProgress(NodeId)?.TryUpdate(_log.StableIndex);
        // §8: "each leader commit a blank no-op entry into the log at the start of its term".
        AppendOwn(EntryType.Noop, default);
    }

    private void FollowLeader(ulong leader)
    {
        if (Role == RaftRole.Leader)
        {
            throw new RaftException($"Nodes {NodeId:x} and {leader:x} both lead term {_term}: two nodes share an id or a log; the node stops.");
        }

        Role = RaftRole.Follower;
        LeaderId = leader;
        ResetElectionTimer();
    }

    // §5.1: "If a server receives a request with a stale term number, it rejects the request". The answer tells the sender the new term.
    private void RejectStale(in RaftMessage message)
    {
        switch (message.Type)
        {
            case RaftMessageType.RequestVote:
                Send(new RaftMessage { Type = RaftMessageType.RequestVoteResponse, To = message.From, Reject = true });
                break;
            case RaftMessageType.AppendEntries or RaftMessageType.InstallSnapshot:
                Send(new RaftMessage
                {
                    Type = RaftMessageType.AppendEntriesResponse,
                    To = message.From,
                    LogIndex = message.LogIndex,
                    Reject = true,
                });
                break;
            case RaftMessageType.Heartbeat:
                Send(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, To = message.From });
                break;
        }
    }
}
