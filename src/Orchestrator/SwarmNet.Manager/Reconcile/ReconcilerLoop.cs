using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SwarmNet.Manager.Store;

namespace SwarmNet.Manager.Reconcile;

/// <summary>The edge of a reconciler: feeds it the store's changes and the time, stores its batches.</summary>
internal sealed partial class ReconcilerLoop(ClusterStore store, IReconciler reconciler, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RetryAfterFault = TimeSpan.FromSeconds(1);

    /// <summary>Runs until cancelled or until this manager no longer leads. A fault of the reconciler restarts it from scratch.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(cancellationToken);
                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreException e) when (e.Error == StoreError.NotLeader)
            {
                // Leadership ends these loops from outside; until it does there is nothing to write.
                await DelayAsync(cancellationToken);
            }
            catch (Exception e)
            {
                LogFault(logger, e, reconciler.GetType().Name);
                await DelayAsync(cancellationToken);
            }
        }
    }

    private async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        using var watcher = store.Watch(change => reconciler.Wants(change));
        reconciler.Reset(watcher.StartView, time.GetUtcNow());
        while (true)
        {
            var now = time.GetUtcNow();
            while (watcher.Events.TryRead(out var change))
            {
                if (change.Kind == StoreEventKind.Resync)
                {
                    reconciler.Reset(store.View, now);
                }
                else
                {
                    reconciler.Observe(change, now);
                }
            }

            if (reconciler.Due <= now)
            {
                if (reconciler.Plan(store.View, now) is { } batch)
                {
                    await StoreAsync(batch, cancellationToken);
                }
            }
            else if (!await WaitAsync(watcher.Events, reconciler.Due - now, cancellationToken))
            {
                return;
            }
        }
    }

    private async Task StoreAsync(IBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            await store.UpdateAsync(batch.Apply, cancellationToken);
        }
        catch
        {
            batch.Abandoned();
            throw;
        }

        batch.Committed();
    }

    /// <summary>Waits for an event or for the time; false when the store is gone.</summary>
    private async Task<bool> WaitAsync(ChannelReader<StoreEvent> events, TimeSpan? delay, CancellationToken cancellationToken)
    {
        if (delay is not { } due)
        {
            return await events.WaitToReadAsync(cancellationToken);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var read = events.WaitToReadAsync(stop.Token).AsTask();
        var first = await Task.WhenAny(read, Task.Delay(due, time, stop.Token));
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return first != read || await read;
    }

    private async Task DelayAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(RetryAfterFault, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }
    }

    [LoggerMessage(2001, LogLevel.Error, "{Reconciler} failed and starts again.")]
    private static partial void LogFault(ILogger logger, Exception exception, string reconciler);
}
