using System.Buffers;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SwarmNet.Raft;

/// <summary>
/// A running member of a Raft cluster: owns the folder, the clock and one thread that persists, sends and applies. All members may be called
/// from any thread. A failed disk, a broken invariant or a throw of the state machine stops the node for good (<see cref="Completion"/>
/// faults): reopen it to recover.
/// </summary>
public sealed partial class RaftNode : IAsyncDisposable
{
    private const int InputCapacity = 4096;
    private const int MaxBatchBytes = 4 << 20;

    private readonly RaftNodeOptions _options;
    private readonly IStateMachine _machine;
    private readonly ILogger _logger;
    private readonly FileStream _lock;
    private readonly SnapshotStore _snapshots;
    private readonly WriteAheadLog _wal;
    private readonly RaftCore _core;
    private readonly Queue<PendingProposal> _pending = new();
    private readonly Channel<NodeInput> _inputs = Channel.CreateBounded<NodeInput>(
        new BoundedChannelOptions(InputCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private RaftStatus _status;
    private ulong _snapshotIndex;
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
        _snapshotIndex = state.Snapshot.Index;
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
        _status = CurrentStatus();
        _timer = options.TimeProvider.CreateTimer(
            static node => ((RaftNode)node!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The state after the last round of work.</summary>
    public RaftStatus Status => Volatile.Read(ref _status);

    /// <summary>Ends when the node is disposed; faults when it had to stop.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Raised when term, leader or role change, on the node's own thread: return quickly, and do not wait for the node there.</summary>
    public event Action<RaftStatus>? StatusChanged;

    /// <summary>
    /// Recovers log and snapshot from the folder, replays them into <paramref name="machine"/>, and starts. A single voter is the leader, with
    /// every acknowledged command applied, when this returns; a member of a larger cluster has applied what it knew to be committed.
    /// </summary>
    /// <exception cref="RaftStorageException">The folder cannot be used; the message says why and what to do.</exception>
    public static async Task<RaftNode> OpenAsync(RaftNodeOptions options, IStateMachine machine, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentOutOfRangeException.ThrowIfZero(options.NodeId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxCommandBytes, RecordHeader.MaxLengthBytes / 2);
        RaftNode node = Create(options, machine);
        new Thread(node.Run) { IsBackground = true, Name = $"raft-{options.NodeId:x}" }.Start();
        try
        {
            await node._recovered.Task.WaitAsync(cancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
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
    /// <exception cref="RaftProposalLostException">Leadership or the node ended on the way; the outcome is unknown.</exception>
    public async ValueTask<ulong> ProposeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken = default)
    {
        if (command.Length > _options.MaxCommandBytes)
        {
            throw new ArgumentException(
                $"The command has {command.Length} bytes, more than the limit of {_options.MaxCommandBytes}; split it.", nameof(command));
        }

        TaskCompletionSource<ulong> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _inputs.Writer.WriteAsync(new NodeInput(command, completion, null), cancellationToken);
        }
        catch (ChannelClosedException exception)
        {
            throw new RaftProposalLostException($"Raft node {_options.NodeId:x} is stopped; nothing was appended.", exception);
        }

        return await completion.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Hands over a message from another node; false when the node is stopped or too busy (the sender's next message will do).</summary>
    public bool TryReceive(in RaftMessage message) => _inputs.Writer.TryWrite(new NodeInput(default, null, message));

    /// <summary>Stops the node and closes its files. Proposals on their way fail with <see cref="RaftProposalLostException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _timer.DisposeAsync();
            await _stopping.CancelAsync();
        }

        await _completion.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void OnTimer()
    {
        Interlocked.Increment(ref _dueTicks);
        // A full queue needs no wake-up.
        _inputs.Writer.TryWrite(default);
    }

    private RaftStatus CurrentStatus() => new(
        _core.NodeId, _core.Term, _core.LeaderId, _core.Role, _core.CommitIndex, _core.AppliedIndex);
}
