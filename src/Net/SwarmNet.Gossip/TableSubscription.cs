using System.Threading.Channels;

namespace SwarmNet.Gossip;

/// <summary>Events of the tables, from the moment of subscribing. A slow reader gets a <see cref="TableEventKind.Resync"/> instead of what it missed.</summary>
public sealed class TableSubscription : IDisposable
{
    private const int Capacity = 4096;

    private readonly Channel<TableEvent> _channel = Channel.CreateBounded<TableEvent>(Capacity);
    private readonly Action<TableSubscription> _unsubscribe;
    private bool _missed;

    internal TableSubscription(Action<TableSubscription> unsubscribe) => _unsubscribe = unsubscribe;

    /// <summary>The events, in order. Completes when the node or the subscription ends.</summary>
    public ChannelReader<TableEvent> Reader => _channel.Reader;

    /// <summary>Ends the subscription.</summary>
    public void Dispose() => _unsubscribe(this);

    // Called by the owner loop only.
    internal void Publish(in TableEvent tableEvent)
    {
        if (_missed && !_channel.Writer.TryWrite(new TableEvent(TableEventKind.Resync, "", "", "", default, "")))
        {
            return;
        }

        _missed = !_channel.Writer.TryWrite(tableEvent);
    }

    internal void Complete() => _channel.Writer.TryComplete();
}
