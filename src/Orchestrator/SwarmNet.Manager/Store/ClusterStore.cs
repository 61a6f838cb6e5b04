using SwarmNet.Raft;

namespace SwarmNet.Manager.Store;

/// <summary>
/// The replicated store of a swarm: an immutable <see cref="View"/> that is swapped whole, one writer loop, one Raft entry per
/// transaction. Changes that wait while an entry is on its way to disk share the next one, each still whole or not at all.
/// Readers need no lock. The state machine side is driven by Raft and works on every manager; writing works on the leader only.
/// </summary>
public sealed partial class ClusterStore : IStateMachine, IAsyncDisposable
{
    /// <summary>Events that a watcher may be behind before it gets a Resync instead.</summary>
    public const int WatchCapacity = 8192;

    private readonly Lock _publishLock = new();
    private readonly List<StoreWatcher> _watchers = [];
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private volatile StoreWriter? _writer;
    private volatile StoreView _view = StoreView.Empty;

    /// <summary>An empty store; <see cref="Start"/> makes it writable once Raft has replayed the log into it.</summary>
    public ClusterStore(TimeProvider time) => _time = time;

    /// <summary>The store now. Each read may give a newer one: take it once per decision.</summary>
    public StoreView View => _view;

    /// <summary>
    /// Makes the store writable by <paramref name="proposer"/>, until <see cref="StopAsync"/>. Everything committed before must have been
    /// applied: a change is made from the view.
    /// </summary>
    public void Start(IProposer proposer)
    {
        if (_writer is not null)
        {
            throw new InvalidOperationException("The store's writer runs already.");
        }

        _writer = new StoreWriter(this, proposer, _time);
    }

    /// <summary>Ends writing; changes that wait fail with <see cref="StoreError.NotLeader"/>. Reading and watching go on.</summary>
    public async Task StopAsync()
    {
        var writer = _writer;
        _writer = null;
        if (writer is not null)
        {
            await writer.DisposeAsync();
        }
    }

    /// <summary>
    /// Runs <paramref name="change"/> on the latest view and stores what it asked for, all or nothing. Returns after it is applied
    /// here. Throws what the change throws, or <see cref="StoreException"/>. A change that asks for nothing costs no log entry.
    /// </summary>
    public Task<T> UpdateAsync<T>(Func<StoreTransaction, T> change, CancellationToken cancellationToken) =>
        _writer?.UpdateAsync(change, cancellationToken) ?? Task.FromException<T>(StoreException.NotLeader());

    /// <summary>As <see cref="UpdateAsync{T}"/>, without a result.</summary>
    public Task UpdateAsync(Action<StoreTransaction> change, CancellationToken cancellationToken) => UpdateAsync(
        transaction =>
        {
            change(transaction);
            return true;
        },
        cancellationToken);

    /// <summary>
    /// Applies <paramref name="change"/> to every item, in as few transactions as the limits allow (200 actions, 3/4 of the size).
    /// One item's actions (10 at most) stay together; a failure leaves the items of earlier transactions stored.
    /// </summary>
    public async Task UpdateBatchAsync<T>(
        IReadOnlyList<T> items, Action<StoreTransaction, T> change, CancellationToken cancellationToken)
    {
        const int itemActions = 10;
        for (var done = 0; done < items.Count;)
        {
            var start = done;
            done = await UpdateAsync(
                transaction =>
                {
                    var next = start;
                    while (next < items.Count
                        && transaction.ActionCount <= StoreTransaction.MaxActions - itemActions
                        && transaction.SizeBytes < StoreTransaction.MaxBytes * 3 / 4)
                    {
                        change(transaction, items[next++]);
                    }

                    return next;
                },
                cancellationToken);
        }
    }

    /// <summary>Subscribes to changes from now on; <paramref name="filter"/> (optional, cheap, pure) picks the events of interest.</summary>
    public StoreWatcher Watch(Func<StoreEvent, bool>? filter = null, int capacity = WatchCapacity)
    {
        lock (_publishLock)
        {
            var watcher = new StoreWatcher(this, _view, filter, capacity);
            _watchers.Add(watcher);
            if (_stopping.IsCancellationRequested)
            {
                watcher.Complete();
            }

            return watcher;
        }
    }

    /// <summary>Ends the writer and all subscriptions.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        await StopAsync();

        lock (_publishLock)
        {
            foreach (var watcher in _watchers)
            {
                watcher.Complete();
            }

            _watchers.Clear();
        }
    }

    internal void Unwatch(StoreWatcher watcher)
    {
        lock (_publishLock)
        {
            _watchers.Remove(watcher);
            watcher.Complete();
        }
    }
}
