using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;

namespace SwarmNet.Manager.Dispatcher;

/// <summary>Wakes the streams of a node: a signal only says "look again", so any number of them before the look are one. Thread-safe.</summary>
internal sealed class NodeSignals
{
    // By node and stream, not by node alone: the old and the new stream of one node overlap.
    private readonly ConcurrentDictionary<string, ImmutableArray<Signal>> _signals = new(StringComparer.Ordinal);

    /// <summary>A signal for one stream; dispose it with the stream.</summary>
    public Signal Subscribe(string nodeId)
    {
        var signal = new Signal(this, nodeId);
        _signals.AddOrUpdate(nodeId, [signal], (_, others) => others.Add(signal));
        return signal;
    }

    /// <summary>Wakes the node's streams.</summary>
    public void Raise(string nodeId)
    {
        if (_signals.TryGetValue(nodeId, out var signals))
        {
            foreach (var signal in signals)
            {
                signal.Raise();
            }
        }
    }

    /// <summary>Wakes every stream.</summary>
    public void RaiseAll()
    {
        foreach (var nodeId in _signals.Keys)
        {
            Raise(nodeId);
        }
    }

    private void Remove(Signal signal)
    {
        while (_signals.TryGetValue(signal.NodeId, out var signals))
        {
            var left = signals.Remove(signal);
            if (left.IsEmpty
                ? _signals.TryRemove(KeyValuePair.Create(signal.NodeId, signals))
                : _signals.TryUpdate(signal.NodeId, left, signals))
            {
                return;
            }
        }
    }

    /// <summary>One stream's signal.</summary>
    internal sealed class Signal(NodeSignals owner, string nodeId) : IDisposable
    {
        private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        public string NodeId { get; } = nodeId;

        public void Raise() => _raised.Writer.TryWrite(true);

        /// <summary>Returns at once when raised since the last call.</summary>
        public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _raised.Reader.ReadAsync(cancellationToken);

        public void Dispose() => owner.Remove(this);
    }
}
