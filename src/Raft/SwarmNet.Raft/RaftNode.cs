using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SwarmNet.Raft;

/// <summary>
/// A running member of a Raft cluster: owns the folder, the clock, one thread that decides, sends and applies, and one that writes. All members may
/// be called from any thread. A failed disk, a broken invariant or a throw of the state machine stops the node for good
/// (<see cref="Completion"/> faults): reopen it to recover. A full disk does not: see <see cref="RaftDiskFullException"/>.
/// </summary>
public sealed partial class RaftNode : IAsyncDisposable
{
    private const int InputCapacity = 4096;

    private readonly RaftNodeOptions _options;
    private readonly IStateMachine _machine;
    private readonly ILogger _logger;
    private readonly FileStream _lock;
    private readonly SnapshotStore _snapshots;
    private readonly WriteAheadLog _wal;
    private readonly PayloadTransforms _transforms;
    private readonly DiskThread _disk;
    private readonly RaftCore _core;
    private readonly NodeInbox _inbox = new(InputCapacity);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _timer;
    private RaftStatus _status;
    private int _dueTicks;
    private int _disposed;

    private RaftNode(RaftNodeOptions options, IStateMachine machine, FileStream folderLock, RecoveredState state)
    {
        _options = options;
        _machine = machine;
        _logger = options.Logger ?? NullLogger.Instance;
        _lock = folderLock;
        _snapshots = state.Snapshots;
        _wal = state.Log;
        _transforms = state.Transforms;
        _snapshotIndex = _machineIndex = state.Snapshot.Index;
        _snapshotEntries = options.SnapshotEntries;
        _core = new RaftCore(new RaftCoreOptions
        {
            NodeId = options.NodeId,
            Membership = state.Snapshot.Membership,
            Seed = options.Seed ?? Random.Shared.Next(),
            HardState = state.Contents.HardState,
            Entries = state.Contents.Entries,
            SnapshotIndex = state.Snapshot.Index,
            SnapshotTerm = state.Snapshot.Term,
            ElectionTicks = options.ElectionTicks,
        });
        _disk = new DiskThread(_wal, _snapshots, options.NodeId, _inbox.WakeUp);
        _status = CurrentStatus();
        _timer = options.TimeProvider.CreateTimer(
            static node => ((RaftNode)node!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The state after the last round of work.</summary>
    public RaftStatus Status => Volatile.Read(ref _status);

    /// <summary>A snapshot is taken after this many entries; 0 = only on request. At first that of the options; a change counts at once.</summary>
    public int SnapshotEntries
    {
        get => Volatile.Read(ref _snapshotEntries);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            Volatile.Write(ref _snapshotEntries, value);
            _inbox.WakeUp();
        }
    }

    /// <summary>How many snapshots stay beside the newest, see <see cref="RaftNodeOptions.OldSnapshots"/>. A change counts from the next snapshot on.</summary>
    public int OldSnapshots
    {
        get => _snapshots.OldSnapshots;
        set => _snapshots.OldSnapshots = value;
    }

    /// <summary>
    /// While the disk is full: the sentence that says so; null otherwise. Such a node follows nothing new: at a follower, a read is confirmed by
    /// the leader and yet waits for entries that cannot be written here.
    /// </summary>
    public string? DiskProblem => _disk.Full?.Message;

    /// <summary>Ends when the node is disposed; faults when it had to stop.</summary>
    public Task Completion => _completion.Task;

    /// <summary>
    /// Raised when term, leader, role or membership change, on the node's own thread: return quickly, and do not wait for the node there.
    /// </summary>
    public event Action<RaftStatus>? StatusChanged;

    /// <summary>
    /// Recovers log and snapshot from the folder, replays them into <paramref name="machine"/>, and starts. A single voter is the leader, with
    /// every acknowledged command applied, when this returns; a member of a larger cluster has applied what it knew to be committed.
    /// </summary>
    /// <exception cref="RaftDamagedException">The folder has lost something; the message says where and what to do.</exception>
    /// <exception cref="RaftDataKeyException">A file needs a key that was not given.</exception>
    /// <exception cref="RaftStorageException">The folder cannot be used for another reason; the message says why and what to do.</exception>
    public static async Task<RaftNode> OpenAsync(RaftNodeOptions options, IStateMachine machine, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentOutOfRangeException.ThrowIfZero(options.NodeId);
        if (options.DataKeys.Any(static key => key.Length != AesGcmTransform.KeyBytes))
        {
            throw new ArgumentException($"A data key has {AesGcmTransform.KeyBytes} bytes.", nameof(options));
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxCommandBytes, RecordHeader.MaxLengthBytes / 2);
        RaftNode node = Create(options, machine);
        node._disk.Start();
        new Thread(node.Run) { IsBackground = true, Name = $"raft-{options.NodeId:x}" }.Start();
        try
        {
            await node._recovered.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Appends a command and waits until it is committed and applied on this node. Concurrent proposals share a write to disk. A full queue
    /// makes the caller wait. The bytes must not change until the node has compacted the entry: pass a copy if the buffer is reused.
    /// Cancelling only stops the waiting; the command may still be committed.
    /// </summary>
    /// <returns>The command's index in the log.</returns>
    /// <exception cref="RaftNotLeaderException">This node does not lead; nothing was appended.</exception>
    /// <exception cref="RaftBusyException">The leader takes nothing at the moment; nothing was appended.</exception>
    /// <exception cref="RaftDiskFullException">This node's disk is full; nothing was appended.</exception>
    /// <exception cref="RaftProposalLostException">Leadership or the node ended on the way; the outcome is unknown.</exception>
    public ValueTask<ulong> ProposeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken = default) =>
        ProposeAsync(command, 0, cancellationToken);

    /// <summary>
    /// As the other, but appended only while this node leads in <paramref name="term"/>. For a command that was made from the state machine's
    /// state: a leader that lost its place and got it back may have applied other commands in between. 0 = in any term.
    /// </summary>
    /// <inheritdoc cref="ProposeAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    public ValueTask<ulong> ProposeAsync(ReadOnlyMemory<byte> command, ulong term, CancellationToken cancellationToken = default)
    {
        if (command.Length > _options.MaxCommandBytes)
        {
            throw new ArgumentException(
                $"The command has {command.Length} bytes, more than the limit of {_options.MaxCommandBytes}; split it.", nameof(command));
        }

        return AskAsync<ulong>(new NodeInput(NodeInputKind.Proposal, Command: command, Term: term), cancellationToken);
    }

    /// <summary>
    /// Waits until this node, the leader or not, has applied everything that was committed anywhere when the call was made: a read of the state
    /// machine after it is linearizable. No log entry is written; a majority confirms it. Concurrent calls share the messages.
    /// </summary>
    /// <returns>The index that was waited for.</returns>
    /// <exception cref="RaftUnavailableException">No leader with a majority answered within four election timeouts.</exception>
    /// <exception cref="RaftProposalLostException">The node was stopped.</exception>
    public ValueTask<ulong> ReadIndexAsync(CancellationToken cancellationToken = default) =>
        AskAsync<ulong>(new NodeInput(NodeInputKind.Read), cancellationToken);

    /// <summary>
    /// Changes the membership, at the leader: all changes at once, by joint consensus when voters change. Waits until the new membership is
    /// committed and no older one counts any more. Add a node as a learner first and make it a voter when <see cref="GetProgressAsync"/> shows
    /// that it has caught up: a voter that is far behind, or not there, may be what a majority waits for.
    /// </summary>
    /// <returns>The index of the entry with the final membership.</returns>
    /// <exception cref="RaftMembershipException">The changes make no sense; nothing was changed.</exception>
    /// <exception cref="RaftNotLeaderException">This node does not lead; nothing was changed.</exception>
    /// <exception cref="RaftBusyException">Another change, or a transfer of the leadership, is under way; nothing was changed.</exception>
    /// <exception cref="RaftProposalLostException">Leadership or the node ended on the way; the outcome is unknown.</exception>
    public ValueTask<ulong> ChangeMembershipAsync(IEnumerable<MembershipChange> changes, CancellationToken cancellationToken = default) =>
        AskAsync<ulong>(new NodeInput(NodeInputKind.MembershipChange, Changes: [.. changes]), cancellationToken);

    /// <summary>Hands the leadership to another voter, and waits until this node leads no more. Proposals are refused meanwhile.</summary>
    /// <exception cref="RaftMembershipException">The other is no voter, or this node itself.</exception>
    /// <exception cref="RaftNotLeaderException">This node does not lead.</exception>
    /// <exception cref="RaftUnavailableException">The other did not take over within an election timeout; this node still leads.</exception>
    public async ValueTask TransferLeadershipAsync(ulong nodeId, CancellationToken cancellationToken = default) =>
        await AskAsync<ulong>(new NodeInput(NodeInputKind.Transfer, NodeId: nodeId), cancellationToken).ConfigureAwait(false);

    /// <summary>What this node, if it leads, knows of each member, itself too; empty elsewhere.</summary>
    public ValueTask<IReadOnlyList<RaftPeerProgress>> GetProgressAsync(CancellationToken cancellationToken = default) =>
        AskAsync<IReadOnlyList<RaftPeerProgress>>(new NodeInput(NodeInputKind.Progress), cancellationToken);

    /// <summary>
    /// Takes a snapshot of the state now, unless the newest one has it all, and waits until it is on disk. Calls at the same time share one.
    /// </summary>
    /// <returns>The last entry in the newest snapshot: at least what was applied here when the call was made.</returns>
    /// <exception cref="RaftDiskFullException">There was no space for it.</exception>
    /// <exception cref="RaftProposalLostException">The node was stopped.</exception>
    public ValueTask<ulong> TakeSnapshotAsync(CancellationToken cancellationToken = default) =>
        AskAsync<ulong>(new NodeInput(NodeInputKind.Snapshot), cancellationToken);

    /// <summary>
    /// Hands over a message from another node; false when the node is stopped or too busy (the sender's next message will do). The bytes of its
    /// entries and of its snapshot are kept: they must not change.
    /// </summary>
    public bool TryReceive(in RaftMessage message) => _inbox.TryAdd(new NodeInput(NodeInputKind.Message, message));

    /// <summary>Like <see cref="TryReceive"/>, but waits while the node is busy, and drops the message when it is stopped.</summary>
    public async ValueTask ReceiveAsync(RaftMessage message, CancellationToken cancellationToken = default) =>
        await _inbox.AddAsync(new NodeInput(NodeInputKind.Message, message), cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// A hint of the transport: the connection to a node broke, and a new one is refused. When it is the leader, an election begins within a few
    /// ticks instead of a timeout. A wrong hint does no harm.
    /// </summary>
    public void PeerUnreachable(ulong nodeId) => _inbox.TryAdd(new NodeInput(NodeInputKind.PeerUnreachable, NodeId: nodeId));

    /// <summary>Stops the node and closes its files. Proposals on their way fail with <see cref="RaftProposalLostException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _timer.DisposeAsync().ConfigureAwait(false);
            _inbox.Close();
        }

        await _completion.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async ValueTask<T> AskAsync<T>(NodeInput input, CancellationToken cancellationToken)
    {
        TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!await _inbox.AddAsync(input with { Completion = completion }, cancellationToken).ConfigureAwait(false))
        {
            throw new RaftProposalLostException($"Raft node {_options.NodeId:x} is stopped; nothing was done.");
        }

        return await completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private void OnTimer()
    {
        Interlocked.Increment(ref _dueTicks);
        _inbox.WakeUp();
    }

    private RaftStatus CurrentStatus() => new(
        _core.NodeId, _core.Term, _core.LeaderId, _core.Role, _core.CommitIndex, _machineIndex, _core.Membership);
}
