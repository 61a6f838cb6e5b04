namespace SwarmNet.Raft.Tests;

/// <summary>Virtual time: events in order of time, and among equals of scheduling.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<Action, (long Time, long Order)> _queue = new();
    private long _order;

    /// <summary>Microseconds since the start.</summary>
    public long Now { get; private set; }

    public void After(long microseconds, Action action) => _queue.Enqueue(action, (Now + microseconds, _order++));

    public void RunOne()
    {
        _queue.TryDequeue(out Action? action, out (long Time, long Order) priority);
        Now = priority.Time;
        action!();
    }
}
