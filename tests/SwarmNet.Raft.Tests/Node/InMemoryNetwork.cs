using System.Buffers;
using System.Collections.Concurrent;

namespace SwarmNet.Raft.Tests;

/// <summary>Carries messages between nodes of this process, as bytes.</summary>
internal sealed class InMemoryNetwork : IRaftTransport
{
    private readonly ConcurrentDictionary<ulong, RaftNode> _nodes = new();

    private readonly Lock _lock = new();
    private Random _random = new(0);
    private double _loss;

    /// <summary>From now on this share of the messages is lost.</summary>
    public void Lose(double share, int seed)
    {
        lock (_lock)
        {
            (_loss, _random) = (share, new Random(seed));
        }
    }

    /// <summary>Messages that are lost; null = none.</summary>
    public Predicate<RaftMessage>? Drops { get; set; }

    public void Attach(RaftNode node) => _nodes[node.Status.NodeId] = node;

    public void Detach(ulong nodeId) => _nodes.TryRemove(nodeId, out _);

    public void Send(in RaftMessage message)
    {
        // Who is not attached is cut off, in both directions.
        lock (_lock)
        {
            if (_loss > 0 && _random.NextDouble() < _loss)
            {
                return;
            }
        }

        if (Drops?.Invoke(message) == true)
        {
            return;
        }

        if (_nodes.ContainsKey(message.From) && _nodes.TryGetValue(message.To, out RaftNode? node))
        {
            ArrayBufferWriter<byte> writer = new();
            RaftMessageCodec.Write(writer, message);
            if (RaftMessageCodec.TryParse(writer.WrittenMemory, out RaftMessage copy))
            {
                node.TryReceive(copy);
            }
        }
    }
}
