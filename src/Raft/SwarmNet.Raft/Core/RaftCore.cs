using System.Diagnostics.CodeAnalysis;

namespace SwarmNet.Raft;

/// <summary>
/// The Raft algorithm as a state machine without IO, clock or threads: feed it with <see cref="Step"/>, <see cref="Tick"/> and
/// <see cref="TryPropose"/>, then do what <see cref="TryGetReady"/> hands out, in the order that <see cref="RaftReady"/> states, and call
/// <see cref="Advance"/>. Between TryGetReady and Advance nothing else may be called. Source: Ongaro and Ousterhout, "In Search of an
/// Understandable Consensus Algorithm (Extended Version)".
/// </summary>
public sealed partial class RaftCore
{
    private readonly RaftCoreOptions _options;
    private readonly RaftLog _log;
    private readonly Random _random;
    private readonly RaftReady _ready = new();
    private readonly List<RaftMessage> _outbox = [];
    private readonly Dictionary<ulong, bool> _votes = [];

    private ulong[] _voters;

    // While leading: one per voter, in the order of _voters.
    private Progress[] _progress = [];
    private ulong _term;
    private ulong _vote;
    private HardState _persisted;
    private ulong _snapshotIndex;
    private ulong _snapshotTerm;
    private RaftSnapshot? _incomingSnapshot;
    private int _electionElapsedTicks;
    private int _heartbeatElapsedTicks;
    private int _electionTimeoutTicks;
    private bool _readyOut;

    /// <summary>Starts as a follower with what was persisted.</summary>
    /// <exception cref="RaftException">The persisted parts do not fit together.</exception>
    public RaftCore(RaftCoreOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.NodeId);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.HeartbeatTicks);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.ElectionTicks, options.HeartbeatTicks);
        _options = options;
        _random = new Random(options.Seed);
        _voters = [.. options.Voters];
        _snapshotIndex = options.SnapshotIndex;
        _snapshotTerm = options.SnapshotTerm;
        _log = new RaftLog(options.SnapshotIndex, options.SnapshotTerm, options.Entries);
        _term = options.HardState.Term;
        _vote = options.HardState.Vote;
        // The commit index is a hint: it may lag the snapshot, and entries after a torn write may be fewer than it says.
        _log.CommitTo(Math.Clamp(options.HardState.Commit, _log.OffsetIndex, _log.LastIndex));
        _persisted = new HardState(_term, _vote, _log.Committed);
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

    /// <summary>The voting members.</summary>
    public IReadOnlyList<ulong> Voters => _voters;

    /// <summary>Whether this node alone decides.</summary>
    public bool IsSoleVoter => _voters is [var only] && only == NodeId;

    private bool IsVoter => Array.IndexOf(_voters, NodeId) >= 0;

    private int Quorum => (_voters.Length / 2) + 1;

    /// <summary>The term of the entry at <paramref name="index"/>; false when it is compacted away or not there.</summary>
    public bool TryGetTerm(ulong index, out ulong term) => _log.TryTerm(index, out term);

    /// <summary>One unit of time: leaders send heartbeats, others count towards an election.</summary>
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

    /// <summary>Appends a command at the leader. The bytes are kept: they must not change.</summary>
    /// <returns>False when this node is not the leader; nothing happened then.</returns>
    public bool TryPropose(ReadOnlyMemory<byte> command, out ulong index)
    {
        ThrowIfReadyOut();
        if (Role != RaftRole.Leader)
        {
            index = 0;
            return false;
        }

        index = AppendOwn(EntryType.Command, command);
        return true;
    }

    /// <summary>Takes a message. One that is old, not for us or from a stranger changes nothing.</summary>
    public void Step(in RaftMessage message)
    {
        ThrowIfReadyOut();
        if (message.To != NodeId || message.From == NodeId || message.From == 0)
        {
            return;
        }

        if (message.Term > _term)
        {
            // §5.1: "If one server's current term is smaller than the other's, then it updates its current term to the larger value".
            BecomeFollower(message.Term, IsFromLeader(message.Type) ? message.From : 0);
        }
        else if (message.Term < _term)
        {
            RejectStale(message);
            return;
        }

        switch (message.Type)
        {
            case RaftMessageType.RequestVote:
                HandleRequestVote(message);
                break;
            case RaftMessageType.RequestVoteResponse:
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
            case RaftMessageType.AppendEntriesResponse when Role == RaftRole.Leader:
                HandleAppendEntriesResponse(message);
                break;
            case RaftMessageType.HeartbeatResponse when Role == RaftRole.Leader:
                HandleHeartbeatResponse(message);
                break;
        }
    }

    /// <summary>Hands out what is to be done, if anything. The instance is reused.</summary>
    public bool TryGetReady([NotNullWhen(true)] out RaftReady? ready)
    {
        ThrowIfReadyOut();
        ready = null;
        if (Role == RaftRole.Leader)
        {
            SendAppends();
        }

        HardState hardState = new(_term, _vote, _log.Committed);
        bool hasEntries = _log.StableIndex < _log.LastIndex;
        bool mustSync = hasEntries || _incomingSnapshot is not null || hardState.Term != _persisted.Term || hardState.Vote != _persisted.Vote;
        if (!mustSync && _outbox.Count == 0 && _log.Applied == _log.Committed)
        {
            return false;
        }

        _ready.HardState = hardState;
        _ready.MustSync = mustSync;
        _ready.Snapshot = _incomingSnapshot;
        _ready.EntryList.Clear();
        _log.CopyUnstable(_ready.EntryList);
        _ready.MessageList.Clear();
        _ready.MessageList.AddRange(_outbox);
        _outbox.Clear();
        _ready.CommittedList.Clear();
        _log.CopyCommitted(_ready.CommittedList, _options.MaxCommittedEntries);
        _readyOut = true;
        ready = _ready;
        return true;
    }

    /// <summary>Says that everything in the last <see cref="RaftReady"/> is done.</summary>
    public void Advance()
    {
        if (!_readyOut)
        {
            throw new InvalidOperationException("Advance() without a Ready: call TryGetReady first.");
        }

        _readyOut = false;
        if (_ready.MustSync)
        {
            _persisted = _ready.HardState;
        }

        _incomingSnapshot = null;
        if (_ready.CommittedList.Count > 0)
        {
            _log.AppliedTo(_ready.CommittedList[^1].Index);
        }

        if (_ready.EntryList.Count > 0)
        {
            _log.StableTo(_ready.EntryList[^1].Index);
            if (Role == RaftRole.Leader && FindProgress(NodeId) is { } own && own.TryUpdate(_log.StableIndex))
            {
                TryCommit();
            }
        }
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
    }

    private static bool IsFromLeader(RaftMessageType type) =>
        type is RaftMessageType.AppendEntries or RaftMessageType.Heartbeat or RaftMessageType.InstallSnapshot;

    private void BecomeFollower(ulong term, ulong leader)
    {
        if (term != _term)
        {
            _term = term;
            _vote = 0;
        }

        Role = RaftRole.Follower;
        LeaderId = leader;
        ResetElectionTimer();
    }

    private void ResetElectionTimer()
    {
        _electionElapsedTicks = 0;
        // §5.2: "election timeouts are chosen randomly from a fixed interval".
        _electionTimeoutTicks = _options.ElectionTicks + _random.Next(_options.ElectionTicks);
    }

    private void Send(in RaftMessage message) => _outbox.Add(message with { From = NodeId, Term = _term });

    private void ThrowIfReadyOut()
    {
        if (_readyOut)
        {
            throw new InvalidOperationException("A Ready is being worked on: call Advance() first.");
        }
    }
}
