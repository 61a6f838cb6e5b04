using System.Threading.Channels;

namespace SwarmNet.Manager.Store;

/// <summary>
/// A subscription to the changes of the store, in log order, starting right after <see cref="StartView"/>. When the reader falls
/// more than the capacity behind, events are dropped and one <see cref="StoreEventKind.Resync"/> takes their place.
/// </summary>
public sealed class StoreWatcher : IDisposable
{
    private readonly ClusterStore _owner;
    private readonly Channel<StoreEvent> _channel;
    private readonly Func<StoreEvent, bool>? _filter;
    private readonly int _capacity;
    private bool _overflowed;

    internal StoreWatcher(ClusterStore owner, StoreView startView, Func<StoreEvent, bool>? filter, int capacity)
    {
        _owner = owner;
        StartView = startView;
        _filter = filter;
        _capacity = capacity;

        // One place more than the capacity, kept for the Resync mark.
        _channel = Channel.CreateBounded<StoreEvent>(new BoundedChannelOptions(capacity + 1) { SingleWriter = true });
    }

    /// <summary>The store at the moment of subscription: the first event follows it without a gap.</summary>
    public StoreView StartView { get; }

    /// <summary>The events; completes when the store or the watcher is disposed.</summary>
    public ChannelReader<StoreEvent> Events => _channel.Reader;

    /// <summary>Ends the subscription.</summary>
    public void Dispose() => _owner.Unwatch(this);

    // Called under the store's publishing lock, after the new view is visible: whoever reads the Resync mark sees all that was dropped.
    internal void Publish(in StoreEvent change)
    {
        if (change.Kind != StoreEventKind.Resync && _filter is not null && !_filter(change))
        {
            return;
        }

        var waiting = _channel.Reader.Count;
        if (_overflowed)
        {
            if (waiting > 0)
            {
                return;
            }

            _overflowed = false;
        }

        if (waiting >= _capacity || change.Kind == StoreEventKind.Resync)
        {
            _overflowed = true;
            _channel.Writer.TryWrite(new StoreEvent(StoreEventKind.Resync, null, null));
            return;
        }

        _channel.Writer.TryWrite(change);
    }

    internal void Complete() => _channel.Writer.TryComplete();
}
