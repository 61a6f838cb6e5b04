namespace SwarmNet.Raft;

// Raft paper §5.2 (leader election), §5.4.1 (election restriction); thesis §9.6 (PreVote), §6.2 (a leader that lost its quorum steps down).
public sealed partial class RaftCore
{
    // Until an election after a hint: 1 to this many.
    private const int HintedTicks = 3;

    private readonly List<(ulong Id, bool Granted)> _votes = [];

    // §6: a leader heard within the minimum election timeout; a leader hears itself, as long as it has its quorum.
    private bool HearsLeader => LeaderId != 0 && _electionElapsedTicks < _options.ElectionTicks;

    // Thesis §4.2.2: "a server that is not part of its own latest configuration should still start new elections, as it might still be needed
    // until the C-new entry is committed". Its own vote does not count then.
    private bool MayCampaign => Membership.IsVoter(NodeId)
        || (_memberships.Count > 1 && _memberships[^1].Index > _log.Committed && _memberships[^2].Membership.IsVoter(NodeId));

    /// <summary>
    /// Starts an election at once, unless this node is the leader or has no vote: first it asks whether it could win, without changing the
    /// term. A sole voter wins as soon as its vote is durable.
    /// </summary>
    public void Campaign()
    {
        ThrowIfReadyOut();
        ResetElectionTimer();
        if (!MayCampaign || Role == RaftRole.Leader)
        {
            return;
        }

        Role = RaftRole.PreCandidate;
        LeaderId = 0;
        _votes.Clear();
        _votes.Add((NodeId, true));
        if (CountVotes() == true)
        {
            CampaignForVotes(transfer: false);
            return;
        }

        AskAllVoters(new RaftMessage { Type = RaftMessageType.PreVote, LogIndex = _log.LastIndex, LogTerm = _log.LastTerm });
    }

    /// <summary>
    /// A hint: the connection to a peer broke, and it takes no new one. If that peer leads, this node hears it no more and campaigns after a few
    /// ticks (random, so that not all do at once) instead of a timeout. A hint may be wrong: a message of the leader undoes it, and nobody who hears
    /// the leader lets this node become a candidate.
    /// </summary>
    public void PeerUnreachable(ulong id)
    {
        ThrowIfReadyOut();
        if (id == 0 || id != LeaderId || Role == RaftRole.Leader)
        {
            return;
        }

        LeaderId = 0;
        _electionTimeoutTicks = Math.Min(_electionTimeoutTicks, _electionElapsedTicks + 1 + _random.Next(HintedTicks));
    }

    private void CampaignForVotes(bool transfer)
    {
        // "increments its current term and transitions to candidate state. It then votes for itself".
        BecomeFollower(_term + 1, 0);
        _vote = NodeId;
        Role = RaftRole.Candidate;
        _votes.Clear();
        if (Is(RaftMutant.OwnVoteBeforeFsync) || Is(RaftMutant.VoteNotPersisted) || Is(RaftMutant.TermNotPersisted))
        {
            CountOwnVote();
        }

        AskAllVoters(new RaftMessage
        {
            Type = RaftMessageType.RequestVote,
            LogIndex = _log.LastIndex,
            LogTerm = _log.LastTerm,
            Transfer = transfer,
        });
    }

    // Like any other vote it counts once a crash cannot undo it. Else a sole voter could lead a term, lose it by a crash before its write is
    // durable, and lead the same term again with other entries.
    private void CountOwnVote()
    {
        if (Role == RaftRole.Candidate && FindVote(NodeId) is null)
        {
            _votes.Add((NodeId, true));
            if (CountVotes() == true)
            {
                BecomeLeader();
            }
        }
    }

    private void AskAllVoters(in RaftMessage question)
    {
        foreach (ulong voter in Membership.VoterSpan)
        {
            if (voter != NodeId)
            {
                Send(question with { To = voter });
            }
        }

        foreach (ulong voter in Membership.OutgoingSpan)
        {
            if (voter != NodeId && !Membership.VoterSpan.Contains(voter))
            {
                Send(question with { To = voter });
            }
        }
    }

    private void StepPreVote(in RaftMessage message)
    {
        if (message.Type == RaftMessageType.PreVote)
        {
            bool grant = message.Term >= _term && !HearsLeader && IsUpToDate(message);
            SendNow(new RaftMessage
            {
                Type = RaftMessageType.PreVoteResponse,
                To = message.From,
                Context = message.Term,
                Reject = !grant,
            });
        }
        else if (message.Reject && message.Term > _term)
        {
            BecomeFollower(message.Term, 0);
        }
        else if (Role == RaftRole.PreCandidate && message.Context == _term && AddVote(message) is { } won)
        {
            if (won)
            {
                CampaignForVotes(transfer: false);
            }
            else
            {
                BecomeFollower(_term, 0);
            }
        }
    }

    private void HandleRequestVote(in RaftMessage message)
    {
        bool free = _vote == message.From || (_vote == 0 && LeaderId == 0) || Is(RaftMutant.TwoVotesInATerm);
        // §5.4.1: "the voter denies its vote if its own log is more up-to-date than that of the candidate".
        bool grant = free && IsUpToDate(message);
        if (grant)
        {
            _vote = message.From;
            ResetElectionTimer();
        }

        Send(new RaftMessage { Type = RaftMessageType.RequestVoteResponse, To = message.From, Reject = !grant });
    }

    private bool IsUpToDate(in RaftMessage message) =>
        _log.IsUpToDate(message.LogIndex, message.LogTerm) || Is(RaftMutant.VoteForShorterLog);

    private void HandleVote(in RaftMessage message)
    {
        if (AddVote(message) is not { } won)
        {
            return;
        }

        if (won)
        {
            BecomeLeader();
        }
        else
        {
            BecomeFollower(_term, 0);
        }
    }

    private bool? AddVote(in RaftMessage message)
    {
        if (!Membership.IsVoter(message.From) || FindVote(message.From) is not null)
        {
            return null;
        }

        _votes.Add((message.From, !message.Reject));
        return CountVotes();
    }

    private bool? FindVote(ulong id)
    {
        foreach ((ulong voter, bool granted) in _votes)
        {
            if (voter == id)
            {
                return granted;
            }
        }

        return null;
    }

    // True: won, in both halves of a joint membership; false: lost in one of them; null: open.
    private bool? CountVotes()
    {
        bool? incoming = CountVotes(Membership.VoterSpan);
        if (!Membership.IsJoint || Is(RaftMutant.JointNeedsNewMajorityOnly))
        {
            return incoming;
        }

        bool? outgoing = CountVotes(Membership.OutgoingSpan);
        return incoming == false || outgoing == false ? false : incoming is null || outgoing is null ? null : true;
    }

    private bool? CountVotes(ReadOnlySpan<ulong> voters)
    {
        int granted = 0;
        int rejected = 0;
        foreach (ulong voter in voters)
        {
            bool? vote = FindVote(voter);
            granted += vote == true ? 1 : 0;
            rejected += vote == false ? 1 : 0;
        }

        int quorum = (voters.Length / 2) + 1;
        return granted >= quorum ? true : voters.Length - rejected < quorum ? false : null;
    }

    private void BecomeLeader()
    {
        Role = RaftRole.Leader;
        LeaderId = NodeId;
        _heartbeatElapsedTicks = 0;
        _electionElapsedTicks = 0;
        _uncommittedBytes = 0;
        _progress = [];
        UpdateProgress(nextIndex: _log.LastIndex + 1);
        FindProgress(NodeId)?.TryUpdate(_log.StableIndex);
        // §8: "each leader commit a blank no-op entry into the log at the start of its term".
        AppendOwn(EntryType.Noop, default);
    }

    private void StopLeading()
    {
        _progress = [];
        _transferee = 0;
        _reads.Clear();
        _readRound = 0;
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
