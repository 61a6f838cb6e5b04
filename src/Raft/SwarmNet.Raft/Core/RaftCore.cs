namespace SwarmNet.Raft;

/// <summary>
/// The Raft algorithm as a state machine without IO, clock or threads: feed it with <see cref="Step"/>, <see cref="Tick"/> and
/// <see cref="Propose"/>, then do what <see cref="TryGetReady"/> hands out, in the order that <see cref="RaftReady"/> states, and call
/// <see cref="Advance"/>. Between TryGetReady and Advance nothing else may be called. Sources: Ongaro and Ousterhout, "In Search of an
/// Understandable Consensus Algorithm (Extended Version)" (the paper), and Ongaro, "Consensus: Bridging Theory and Practice" (the thesis).
/// </summary>
public sealed partial class RaftCore
{
    // A constant for the compiler: where the switch is off (everywhere but in the tests) the mutants are no code at all.
    private static readonly bool s_mutants = AppContext.TryGetSwitch("SwarmNet.Raft.Mutants", out bool on) && on;

    private readonly RaftCoreOptions _options;
    private readonly RaftLog _log;
    private readonly Random _random;

    private ulong _term;
    private ulong _vote;
    private ulong _snapshotIndex;
    private ulong _snapshotTerm;
    private int _electionElapsedTicks;
    private int _heartbeatElapsedTicks;
    private int _electionTimeoutTicks;

    /// <summary>Starts as a follower with what was persisted.</summary>
    /// <exception cref="RaftException">The persisted parts do not fit together.</exception>
    public RaftCore(RaftCoreOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.NodeId);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.HeartbeatTicks);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.ElectionTicks, options.HeartbeatTicks);
        _options = options;
        _random = new Random(options.Seed);
        _nextReadId = (ulong)_random.NextInt64();
        _snapshotIndex = options.SnapshotIndex;
        _snapshotTerm = options.SnapshotTerm;
        _log = new RaftLog(options.SnapshotIndex, options.SnapshotTerm, options.Entries);
        _term = options.HardState.Term;
        _vote = options.HardState.Vote;
        // The commit index is a hint: it may lag the snapshot, and entries after a torn write may be fewer than it says.
        _log.CommitTo(Math.Clamp(options.HardState.Commit, _log.OffsetIndex, _log.LastIndex));
        _handed = _durable = new HardState(_term, _vote, _log.Committed);
        RecoverMemberships(options);
        ResetElectionTimer();
    }

    /// <summary>This node's id.</summary>
    public ulong NodeId => _options.NodeId;

    /// <summary>The current term.</summary>
    public ulong Term => _term;

    /// <summary>The role in <see cref="Term"/>.</summary>
    public RaftRole Role { get; private set; }

    /// <summary>The leader of <see cref="Term"/>; 0 = unknown.</summary>
    public ulong LeaderId { get; private set; }

    /// <summary>Highest entry known to be committed.</summary>
    public ulong CommitIndex => _log.Committed;

    /// <summary>Highest entry handed out and advanced over.</summary>
    public ulong AppliedIndex => _log.Applied;

    /// <summary>The last entry of the log.</summary>
    public ulong LastIndex => _log.LastIndex;

    /// <summary>The term of the entry at <paramref name="index"/>; false when it is compacted away or not there.</summary>
    public bool TryGetTerm(ulong index, out ulong term) => _log.TryTerm(index, out term);

    /// <summary>One unit of time: leaders send heartbeats and count their quorum, others count towards an election.</summary>
    public void Tick()
    {
        ThrowIfReadyOut();
        if (Role == RaftRole.Leader)
        {
            TickLeader();
        }
        else if (++_electionElapsedTicks >= _electionTimeoutTicks)
        {
            Campaign();
        }
    }

    /// <summary>Appends a command at the leader. The bytes are kept: they must not change. Many between two Readys travel and are written together.</summary>
    public ProposeStatus Propose(ReadOnlyMemory<byte> command, out ulong index)
    {
        ThrowIfReadyOut();
        index = 0;
        if (Role != RaftRole.Leader)
        {
            return ProposeStatus.NotLeader;
        }

        if (_transferee != 0)
        {
            return ProposeStatus.Transferring;
        }

        if (_uncommittedBytes > 0 && _uncommittedBytes + command.Length > _options.MaxUncommittedBytes)
        {
            return ProposeStatus.TooMuchUncommitted;
        }

        index = AppendOwn(EntryType.Command, command);
        return ProposeStatus.Accepted;
    }

    /// <summary>Takes a message. One that is old, not for us or from a stranger changes nothing.</summary>
    public void Step(in RaftMessage message)
    {
        ThrowIfReadyOut();
        if (message.To != NodeId || message.From == NodeId || message.From == 0)
        {
            return;
        }

        // A question about a term that may never be: nobody's term changes by it.
        if (message.Type is RaftMessageType.PreVote or RaftMessageType.PreVoteResponse)
        {
            StepPreVote(message);
            return;
        }

        if (message.Term > _term)
        {
            if (message.Type == RaftMessageType.RequestVote && !message.Transfer && HearsLeader)
            {
                // §6: "if a server receives a RequestVote RPC within the minimum election timeout of hearing from a current leader, it does
                // not update its term or grant its vote".
                return;
            }

            // §5.1: "If one server's current term is smaller than the other's, then it updates its current term to the larger value".
            BecomeFollower(message.Term, IsFromLeader(message.Type) ? message.From : 0);
        }
        else if (message.Term < _term && !IsStaleAccepted(message.Type))
        {
            RejectStale(message);
            return;
        }

        StepCurrent(message);
    }

    /// <summary>
    /// Says that a snapshot of the state as of <paramref name="index"/> (applied) is durable, and forgets entries up to
    /// <paramref name="index"/> except the last <paramref name="keepEntries"/>, which spare slow followers the snapshot.
    /// </summary>
    public void SnapshotTaken(ulong index, int keepEntries)
    {
        ThrowIfReadyOut();
        if (index > _log.Applied || !_log.TryTerm(index, out ulong term))
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"A snapshot must be of an applied entry (up to {_log.Applied}).");
        }

        _snapshotIndex = index;
        _snapshotTerm = term;
        _log.Compact(index > (ulong)keepEntries ? index - (ulong)keepEntries : 0);
        ForgetOldMemberships();
    }

    private static bool IsFromLeader(RaftMessageType type) =>
        type is RaftMessageType.AppendEntries or RaftMessageType.Heartbeat or RaftMessageType.InstallSnapshot or RaftMessageType.TimeoutNow;

    private void StepCurrent(in RaftMessage message)
    {
        switch (message.Type)
        {
            case RaftMessageType.RequestVote:
                HandleRequestVote(message);
                break;
            case RaftMessageType.RequestVoteResponse when Role == RaftRole.Candidate:
                HandleVote(message);
                break;
            case RaftMessageType.AppendEntries:
                FollowLeader(message.From);
                HandleAppendEntries(message);
                break;
            case RaftMessageType.Heartbeat:
                FollowLeader(message.From);
                HandleHeartbeat(message);
                break;
            case RaftMessageType.InstallSnapshot:
                FollowLeader(message.From);
                HandleInstallSnapshot(message);
                break;
            case RaftMessageType.TimeoutNow:
                HandleTimeoutNow(message);
                break;
            case RaftMessageType.ReadIndexResponse:
                HandleReadIndexResponse(message);
                break;
            default:
                if (Role == RaftRole.Leader)
                {
                    StepLeader(message);
                }

                break;
        }
    }

    private void StepLeader(in RaftMessage message)
    {
        if (message.Type == RaftMessageType.ReadIndex)
        {
            HandleReadIndex(message);
            return;
        }

        if (FindProgress(message.From) is not { } progress)
        {
            return;
        }

        switch (message.Type)
        {
            case RaftMessageType.AppendEntriesResponse:
                progress.RecentlyActive = true;
                HandleAppendEntriesResponse(message, progress);
                break;
            case RaftMessageType.HeartbeatResponse:
                progress.RecentlyActive = true;
                HandleHeartbeatResponse(message, progress);
                break;
            case RaftMessageType.InstallSnapshotResponse:
                progress.RecentlyActive = true;
                HandleInstallSnapshotResponse(message, progress);
                break;
        }
    }

    private void BecomeFollower(ulong term, ulong leader)
    {
        if (term != _term)
        {
            _term = term;
            _vote = 0;
        }

        Role = RaftRole.Follower;
        LeaderId = leader;
        StopLeading();
        ResetElectionTimer();
    }

    private void ResetElectionTimer()
    {
        _electionElapsedTicks = 0;
        // §5.2: "election timeouts are chosen randomly from a fixed interval".
        _electionTimeoutTicks = _options.ElectionTicks + _random.Next(_options.ElectionTicks);
    }

    private bool Is(RaftMutant mutant) => s_mutants && _options.Mutant == mutant;

    private bool IsStaleAccepted(RaftMessageType type) =>
        (Is(RaftMutant.StaleRequestAccepted) && IsFromLeader(type) && Role != RaftRole.Leader)
        || (Is(RaftMutant.StaleResponseAccepted) && type == RaftMessageType.AppendEntriesResponse);
}
