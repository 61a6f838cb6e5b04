using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using SwarmNet.Manager.Allocator;
using SwarmNet.Manager.KeyManager;
using SwarmNet.Manager.Orchestrators;
using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;

namespace SwarmNet.Manager;

/// <summary>What only the leader runs: one loop per reconciler, for one term of leadership.</summary>
internal sealed class LeaderServices : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly RandomNumberGenerator _random = RandomNumberGenerator.Create();
    private readonly Task[] _loops;

    private LeaderServices(ClusterStore store, TimeProvider time, ILoggerFactory loggers)
    {
        IReconciler[] reconcilers =
        [
            new ClusterAllocator(), Scheduler, new ServiceReconciler(), new TaskReaper(), new ConstraintEnforcer(), new NodeMonitor(),
            new KeyRotator(_random),
        ];
        _loops = [.. reconcilers.Select(reconciler =>
        {
            var loop = new ReconcilerLoop(store, reconciler, time, loggers.CreateLogger(reconciler.GetType().FullName!));
            return Task.Run(() => loop.RunAsync(_stopping.Token));
        })];
    }

    public Scheduler.TaskScheduler Scheduler { get; } = new();

    public static LeaderServices Start(ClusterStore store, TimeProvider time, ILoggerFactory loggers) => new(store, time, loggers);

    /// <summary>Stops the loops and waits for them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_loops);
        _stopping.Dispose();
        _random.Dispose();
    }
}
