using SwarmNet.Manager.Store;

namespace SwarmNet.EngineApi.Events;

/// <summary>Copies changes of the store into the event log for as long as this node has a manager.</summary>
internal sealed class StoreEventPump(Func<ClusterStore?> store, EventLog log, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs until cancelled; managers come and go with init and leave.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (store() is { } current)
            {
                await FollowAsync(current, cancellationToken);
            }

            await Task.Delay(LookAgain, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(ClusterStore current, CancellationToken cancellationToken)
    {
        using var watcher = current.Watch();
        try
        {
            // Ends when the store is disposed of.
            await foreach (var change in watcher.Events.ReadAllAsync(cancellationToken))
            {
                if (SwarmEvents.Of(change, time.GetUtcNow()) is { } happened)
                {
                    log.Add(happened);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
