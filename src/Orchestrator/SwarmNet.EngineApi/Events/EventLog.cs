using System.Threading.Channels;

namespace SwarmNet.EngineApi.Events;

/// <summary>The last events of this engine and those who listen. Safe from any thread.</summary>
public sealed class EventLog
{
    /// <summary>Events kept for <c>since</c>.</summary>
    public const int Kept = 1024;

    private readonly Lock gate = new();
    private readonly Queue<EngineEvent> recent = new(Kept);
    private readonly List<Channel<EngineEvent>> listeners = [];

    /// <summary>Adds an event. A listener that is a whole log behind misses the oldest it has not read.</summary>
    public void Add(EngineEvent happened)
    {
        lock (gate)
        {
            if (recent.Count == Kept)
            {
                recent.Dequeue();
            }

            recent.Enqueue(happened);
            foreach (var listener in listeners)
            {
                listener.Writer.TryWrite(happened);
            }
        }
    }

    /// <summary>The kept events, and a reader of those to come, with none between lost or told twice.</summary>
    internal (IReadOnlyList<EngineEvent> Past, Channel<EngineEvent> Future) Listen()
    {
        var channel = Channel.CreateBounded<EngineEvent>(
            new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (gate)
        {
            listeners.Add(channel);
            return ([.. recent], channel);
        }
    }

    internal void Unlisten(Channel<EngineEvent> channel)
    {
        lock (gate)
        {
            listeners.Remove(channel);
        }
    }

    /// <summary>How many listen now.</summary>
    internal int ListenerCount
    {
        get
        {
            lock (gate)
            {
                return listeners.Count;
            }
        }
    }
}
