using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using SwarmNet.Manager.Allocator;
using SwarmNet.Manager.KeyManager;
using SwarmNet.Manager.Orchestrators;
using SwarmNet.Manager.Raft;
using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Raft;

namespace SwarmNet.Manager;

/// <summary>What only the leader runs: one loop per concern, for one term of leadership.</summary>
internal sealed class LeaderServices : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly RandomNumberGenerator _random = RandomNumberGenerator.Create();
    private readonly Task[] _loops;

    private LeaderServices(ClusterStore store, RaftNode raft, ulong raftId, TimeProvider time, ILoggerFactory loggers)
    {
        IReconciler[] reconcilers =
        [
            new ClusterAllocator(), Scheduler, new ServiceReconciler(), new TaskReaper(), new ConstraintEnforcer(), new NodeMonitor(),
            new KeyRotator(_random),
        ];
        var roles = new RoleManager(store, raft, raftId, time, loggers.CreateLogger<RoleManager>());
        _loops =
        [
            .. reconcilers.Select(reconciler =>
            {
                var loop = new ReconcilerLoop(store, reconciler, time, loggers.CreateLogger(reconciler.GetType().FullName!));
                return Task.Run(() => loop.RunAsync(_stopping.Token));
            }),
            Task.Run(() => roles.RunAsync(_stopping.Token)),
        ];
    }

    public Scheduler.TaskScheduler Scheduler { get; } = new();

    public static LeaderServices Start(ClusterStore store, RaftNode raft, ulong raftId, TimeProvider time, ILoggerFactory loggers) =>
        new(store, raft, raftId, time, loggers);

    /// <summary>Stops the loops and waits for them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_loops);
        _stopping.Dispose();
        _random.Dispose();
    }
}
